// Operations on two float tensors, element by element, where either may repeat along any axes.
import type { ReluGradientInputs } from '@reseed/fused-kernels';
import { backend_util, type BinaryInputs, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { BinaryKernelName } from './kernel-names.ts';
import type { NativeBackend } from './native-backend.ts';
import { areFloats, isEmpty, type KernelCall } from './native-kernel.ts';

const TRUTHS: ReadonlySet<BinaryKernelName> = new Set([
  'Equal',
  'NotEqual',
  'Greater',
  'GreaterEqual',
  'Less',
  'LessEqual',
]);

/** The kernel of an operation; undefined where it is not served: other types than float32, empty tensors, over 8 axes. */
export function combineElements(operation: BinaryKernelName) {
  return (backend: NativeBackend, { inputs }: KernelCall<BinaryInputs, unknown>): TensorInfo | undefined => {
    const { a, b } = inputs;
    if (!areFloats(a, b) || isEmpty(a) || isEmpty(b)) return undefined;
    const shape = backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
    const out = TRUTHS.has(operation)
      ? backend.makeTensorInfo(shape, 'bool', new Uint8Array(util.sizeFromShape(shape)))
      : backend.allocate(shape);
    const walk = walkBoth(shape, a.shape, b.shape);
    backend.addon[operation](backend.values(a), backend.values(b), backend.values(out), walk);
    return out;
  };
}

/** dy where y > 0, else 0. */
export function reluGradient(
  backend: NativeBackend,
  { inputs: { dy, y } }: KernelCall<ReluGradientInputs, unknown>,
): TensorInfo {
  const out = backend.allocate(dy.shape);
  const walk = walkBoth(dy.shape, dy.shape, y.shape);
  backend.addon.reluGradient(backend.values(dy), backend.values(y), backend.values(out), walk);
  return out;
}

/** [axes, lengths…, steps of a…, steps of b…] with axes joined where both operands go on evenly; 0 repeats. */
export function walkBoth(shape: readonly number[], a: readonly number[], b: readonly number[]): Int32Array {
  const lengths: number[] = [];
  const stepsA: number[] = [];
  const stepsB: number[] = [];
  let [sizeA, sizeB] = [1, 1];
  for (let fromEnd = 1; fromEnd <= shape.length; fromEnd++) {
    const length = shape[shape.length - fromEnd];
    const [ofA, ofB] = [a[a.length - fromEnd] ?? 1, b[b.length - fromEnd] ?? 1];
    if (length === 1) continue;
    const [stepA, stepB] = [ofA === 1 ? 0 : sizeA, ofB === 1 ? 0 : sizeB];
    sizeA *= ofA;
    sizeB *= ofB;
    const last = lengths.length - 1;
    if (last >= 0 && stepA === stepsA[last] * lengths[last] && stepB === stepsB[last] * lengths[last]) {
      lengths[last] *= length;
    } else {
      lengths.push(length);
      stepsA.push(stepA);
      stepsB.push(stepB);
    }
  }
  if (lengths.length === 0) return Int32Array.of(1, 1, 0, 0);
  return Int32Array.of(lengths.length, ...lengths.reverse(), ...stepsA.reverse(), ...stepsB.reverse());
}
