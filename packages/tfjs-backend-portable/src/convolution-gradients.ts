// Gradients of the 2-D convolution with respect to its input and its filter.
import {
  backend_util,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropFilterInputs,
  type Conv2DBackpropInputAttrs,
  type Conv2DBackpropInputInputs,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import {
  blocksOf,
  type ConvolutionPlan,
  listWindows,
  padBlock,
  pixelOffset,
  planConvolution,
  unpadBlock,
} from './convolution-plan.ts';
import type { KernelCall, KernelModule } from './kernel-module.ts';
import { columnPanelBytes, rowPanelBytes, TILE_BYTES, TILE_ROWS } from './register-tile.ts';

/** Packed rows of dy that stay in the first two cache levels while all filter columns pass over them. */
const GRADIENT_BYTES = 64 * 1024;

type Shape4D = [number, number, number, number];

/** dx [batch, height, width, in] from dy [batch, outHeight, outWidth, out]; undefined for channels first. */
export function convolveBackToInput(
  module: KernelModule,
  { inputs, attrs }: KernelCall<Conv2DBackpropInputInputs, Conv2DBackpropInputAttrs>,
): TensorInfo | undefined {
  const { dy, filter } = inputs;
  const plan = planGradient(attrs.inputShape, filter.shape as Shape4D, attrs);
  if (!plan) return undefined;

  const { native } = module;
  const { info } = plan;
  const out = module.allocate(info.inShape);
  const blockPixels = plan.imagesPerBlock * plan.pixels;
  const rows = Math.max(1, Math.floor(GRADIENT_BYTES / (info.outChannels * 4 * TILE_ROWS))) * TILE_ROWS;
  const filterRowBytes = columnPanelBytes(plan.run, info.outChannels);
  const [tile, offsets, padded, packedFilter, packedA] = module.scratch(
    TILE_BYTES,
    blockPixels * 4,
    plan.imagesPerBlock * plan.paddedSize * 4,
    info.filterHeight * filterRowBytes,
    rowPanelBytes(Math.min(rows, blockPixels), info.outChannels),
  );
  for (let y = 0; y < info.filterHeight; y++) {
    const filterRow = module.address(filter) + y * plan.run * info.outChannels * 4;
    const panels = packedFilter + y * filterRowBytes;
    native.packColumnsTransposed(filterRow, plan.run, info.outChannels, info.outChannels * 4, panels);
  }
  listWindows(module, plan, offsets);
  for (const block of blocksOf(plan)) {
    native.clear(padded, block.images * plan.paddedSize);
    native.convolveBackToInput(
      module.address(dy) + pixelOffset(plan, block),
      offsets,
      block.images * plan.pixels,
      info.filterHeight,
      plan.run,
      plan.rowPitch,
      packedFilter,
      info.outChannels,
      padded,
      rows,
      packedA,
      tile,
    );
    unpadBlock(module, plan, block, padded, module.address(out));
  }
  return out;
}

/** dFilter [height, width, in, out] from x and dy; undefined for channels first. */
export function convolveBackToFilter(
  module: KernelModule,
  { inputs, attrs }: KernelCall<Conv2DBackpropFilterInputs, Conv2DBackpropFilterAttrs>,
): TensorInfo | undefined {
  const { x, dy } = inputs;
  const plan = planGradient(x.shape as Shape4D, attrs.filterShape, attrs);
  if (!plan) return undefined;

  const { native } = module;
  const { info } = plan;
  const out = module.allocate(info.filterShape);
  const blockPixels = plan.imagesPerBlock * plan.pixels;
  const [tile, offsets, padded, packedDy, packedA] = module.scratch(
    TILE_BYTES,
    blockPixels * 4,
    plan.imagesPerBlock * plan.paddedSize * 4,
    columnPanelBytes(info.outChannels, blockPixels),
    rowPanelBytes(TILE_ROWS, blockPixels),
  );
  listWindows(module, plan, offsets);
  native.clear(padded, plan.imagesPerBlock * plan.paddedSize);
  native.clear(module.address(out), info.filterHeight * plan.run * info.outChannels);
  for (const block of blocksOf(plan)) {
    padBlock(module, plan, block, module.address(x), padded);
    native.convolveBackToFilter(
      padded,
      offsets,
      block.images * plan.pixels,
      info.filterHeight,
      plan.run,
      plan.rowPitch,
      module.address(dy) + pixelOffset(plan, block),
      info.outChannels,
      module.address(out),
      packedDy,
      packedA,
      tile,
    );
  }
  return out;
}

function planGradient(
  inputShape: Shape4D,
  filterShape: Shape4D,
  { strides, pad, dimRoundingMode, dataFormat }: Conv2DBackpropInputAttrs | Conv2DBackpropFilterAttrs,
): ConvolutionPlan | undefined {
  const layout = backend_util.convertConv2DDataFormat(dataFormat);
  return planConvolution(
    backend_util.computeConv2DInfo(inputShape, filterShape, strides, 1, pad, dimRoundingMode, false, layout),
  );
}
