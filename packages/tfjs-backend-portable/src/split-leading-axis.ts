// SplitV into parts that lie one after the other; the stock kernel copies the whole tensor once per part.
import { backend_util, type SplitVAttrs, type SplitVInputs, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { KernelCall, KernelModule } from './kernel-module.ts';

/** undefined where it is not served: other types than float32, and an axis that is not the first longer than 1. */
export function splitLeadingAxis(
  module: KernelModule,
  { inputs, attrs }: KernelCall<SplitVInputs, SplitVAttrs>,
): TensorInfo[] | undefined {
  const { x } = inputs;
  const [axis] = util.parseAxisParam(attrs.axis, x.shape) as [number];
  if (x.dtype !== 'float32' || util.sizeFromShape(x.shape.slice(0, axis)) !== 1) return undefined;

  const before = x.shape.slice(0, axis);
  const after = x.shape.slice(axis + 1);
  const bytesPerEntry = util.sizeFromShape(after) * 4;
  let from = module.address(x);
  return backend_util.prepareSplitSize(x as never, attrs.numOrSizeSplits, axis).map((length) => {
    const part = module.allocate([...before, length, ...after]);
    const end = from + length * bytesPerEntry;
    // The view is made after the allocation, which may have replaced the heap's buffer.
    new Uint8Array(module.heap()).copyWithin(module.address(part), from, end);
    from = end;
    return part;
  });
}
