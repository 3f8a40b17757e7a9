// 2-D convolution of NHWC images with bias and relu.
import {
  backend_util,
  type Conv2DAttrs,
  type Conv2DInputs,
  type FusedConv2DAttrs,
  type FusedConv2DInputs,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { blocksOf, listWindows, padBlock, pixelOffset, planConvolution } from './convolution-plan.ts';
import type { KernelCall, KernelModule } from './kernel-module.ts';
import { columnPanelBytes, rowPanelBytes, TILE_BYTES, TILE_ROWS } from './register-tile.ts';

/** Packed windows that stay in the second-level cache while all output channels pass over them. */
const WINDOW_BYTES = 128 * 1024;

type Shape4D = [number, number, number, number];

/**
 * relu?(x * filter + bias) for x [batch, height, width, in], filter [height, width, in, out], bias [out];
 * undefined where it is not served: channels first, dilation, other activations.
 */
export function convolve(
  module: KernelModule,
  { inputs, attrs }: KernelCall<Conv2DInputs | FusedConv2DInputs, Conv2DAttrs & Partial<FusedConv2DAttrs>>,
): TensorInfo | undefined {
  const { x, filter, bias } = inputs as FusedConv2DInputs;
  const { strides, pad, dataFormat, dilations, dimRoundingMode, activation = 'linear' } = attrs;
  const info = backend_util.computeConv2DInfo(
    x.shape as Shape4D,
    filter.shape as Shape4D,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    false,
    backend_util.convertConv2DDataFormat(dataFormat),
  );
  const plan = planConvolution(info);
  const biasServed = bias === undefined || bias === null || util.arraysEqual(bias.shape, [info.outChannels]);
  if (!plan || !biasServed || (activation !== 'linear' && activation !== 'relu')) return undefined;

  const { native } = module;
  const out = module.allocate(info.outShape);
  const depth = info.filterHeight * plan.run;
  const blockPixels = plan.imagesPerBlock * plan.pixels;
  const windows = Math.max(1, Math.floor(WINDOW_BYTES / (depth * 4 * TILE_ROWS))) * TILE_ROWS;
  const [tile, offsets, padded, packedFilter, packedA] = module.scratch(
    TILE_BYTES,
    blockPixels * 4,
    plan.imagesPerBlock * plan.paddedSize * 4,
    columnPanelBytes(info.outChannels, depth),
    rowPanelBytes(Math.min(windows, blockPixels), depth),
  );
  native.packColumns(module.address(filter), info.outChannels, depth, info.outChannels * 4, packedFilter);
  listWindows(module, plan, offsets);
  native.clear(padded, plan.imagesPerBlock * plan.paddedSize);
  for (const block of blocksOf(plan)) {
    padBlock(module, plan, block, module.address(x), padded);
    native.convolve(
      padded,
      offsets,
      block.images * plan.pixels,
      info.filterHeight,
      plan.run,
      plan.rowPitch,
      packedFilter,
      info.outChannels,
      bias ? module.address(bias) : 0,
      activation === 'relu',
      module.address(out) + pixelOffset(plan, block),
      windows,
      packedA,
      tile,
    );
  }
  return out;
}
