// Gradient of 2-D max pooling: each window's gradient goes to its first maximum.
import { backend_util, type MaxPoolGradAttrs, type MaxPoolGradInputs, type TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelCall, KernelModule } from './kernel-module.ts';

/** dx with the shape of `input` [batch, height, width, channels]. */
export function maxPoolGradient(
  module: KernelModule,
  { inputs, attrs }: KernelCall<MaxPoolGradInputs, MaxPoolGradAttrs>,
): TensorInfo {
  const { dy, input, output } = inputs;
  const info = backend_util.computePool2DInfo(
    input.shape as [number, number, number, number],
    attrs.filterSize,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
  const out = module.allocate(input.shape);
  module.native.maxPoolGradient(
    module.address(input),
    module.address(output),
    module.address(dy),
    module.address(out),
    info.batchSize,
    info.inHeight,
    info.inWidth,
    info.inChannels,
    info.outHeight,
    info.outWidth,
    info.filterHeight,
    info.filterWidth,
    info.strideHeight,
    info.strideWidth,
    info.padInfo.top,
    info.padInfo.left,
  );
  return out;
}
