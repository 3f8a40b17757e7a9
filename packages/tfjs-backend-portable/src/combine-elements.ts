// Sums, maxima and minima of two tensors, element by element, where one may repeat along the leading axes, as a bias does.
import { backend_util, type BinaryInputs, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { KernelCall, KernelModule } from './kernel-module.ts';

/**
 * The kernel of an operation; it gives undefined where it is not served: other types than float32, empty tensors,
 * operands that both repeat, and one that repeats along other axes than the leading ones.
 */
export function combineElements(operation: 'add' | 'maximum' | 'minimum') {
  return (module: KernelModule, { inputs }: KernelCall<BinaryInputs, unknown>): TensorInfo | undefined => {
    const { a, b } = inputs;
    const [sizeA, sizeB] = [util.sizeFromShape(a.shape), util.sizeFromShape(b.shape)];
    const [large, small] = sizeA < sizeB ? [b, a] : [a, b];
    const columns = Math.min(sizeA, sizeB);
    const shape = backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
    const served =
      a.dtype === 'float32' &&
      b.dtype === 'float32' &&
      columns > 0 &&
      util.sizeFromShape(shape) === Math.max(sizeA, sizeB) &&
      (columns === 1 || endsWith(shape, small.shape));
    if (!served) return undefined;

    const out = module.allocate(shape);
    const rows = Math.max(sizeA, sizeB) / columns;
    module.native[operation](module.address(large), module.address(small), module.address(out), rows, columns);
    return out;
  };
}

/** Whether `row`, but for its leading ones, is the end of `shape`. */
function endsWith(shape: readonly number[], row: readonly number[]): boolean {
  const trimmed = row.slice(row.findIndex((length) => length !== 1));
  return util.arraysEqual(shape.slice(-trimmed.length), trimmed);
}
