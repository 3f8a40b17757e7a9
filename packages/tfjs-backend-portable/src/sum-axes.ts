// Sum over neighbouring axes without the transposition that the stock kernel makes.
import { type SumAttrs, type SumInputs, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { KernelCall, KernelModule } from './kernel-module.ts';

/** undefined where it is not served: other types than float32, empty tensors, axes with a gap between them. */
export function sumAxes(
  module: KernelModule,
  { inputs, attrs }: KernelCall<SumInputs, SumAttrs>,
): TensorInfo | undefined {
  const { x } = inputs;
  const axes = util.parseAxisParam(attrs.axis, x.shape).toSorted((a, b) => a - b);
  const first = axes[0] ?? 0;
  const end = first + axes.length;
  const reduce = util.sizeFromShape(x.shape.slice(first, end));
  const adjacent = axes.every((axis, i) => axis === first + i);
  if (x.dtype !== 'float32' || util.sizeFromShape(x.shape) === 0 || !adjacent) return undefined;

  const before = x.shape.slice(0, first);
  const after = x.shape.slice(end);
  const out = module.allocate([...before, ...(attrs.keepDims ? axes.map(() => 1) : []), ...after]);
  module.native.sumAxis(
    module.address(x),
    module.address(out),
    util.sizeFromShape(before),
    reduce,
    util.sizeFromShape(after),
  );
  return out;
}
