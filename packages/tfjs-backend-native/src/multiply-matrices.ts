// Matrix products with either operand transposed, over leading batch dimensions, with bias and relu.
import {
  type _FusedMatMulAttrs,
  type _FusedMatMulInputs,
  type BatchMatMulAttrs,
  type BatchMatMulInputs,
  backend_util,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { NativeBackend } from './native-backend.ts';
import { areFloats, isEmpty, type KernelCall } from './native-kernel.ts';

/**
 * relu?(op(a) op(b) + bias) for a [..., m, k] and b [..., k, n], bias [n]; undefined where it is not served:
 * other types and activations, empty tensors, and leading dimensions that repeat on both sides.
 */
export function multiplyMatrices(
  backend: NativeBackend,
  { inputs, attrs }: KernelCall<BatchMatMulInputs | _FusedMatMulInputs, BatchMatMulAttrs & Partial<_FusedMatMulAttrs>>,
): TensorInfo | undefined {
  const { a, b, bias } = inputs as _FusedMatMulInputs;
  const { transposeA, transposeB, activation = 'linear' } = attrs;
  const outerA = a.shape.slice(0, -2);
  const outerB = b.shape.slice(0, -2);
  const countA = util.sizeFromShape(outerA);
  const countB = util.sizeFromShape(outerB);
  const [aRows, aColumns] = a.shape.slice(-2) as [number, number];
  const [bRows, bColumns] = b.shape.slice(-2) as [number, number];
  const [m, k] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const n = transposeB ? bRows : bColumns;
  const outer = backend_util.assertAndGetBroadcastShape(outerA, outerB);
  const count = util.sizeFromShape(outer);
  const served =
    areFloats(a, b) &&
    (activation === 'linear' || activation === 'relu') &&
    (bias === undefined || bias === null || (util.arraysEqual(bias.shape, [n]) && areFloats(bias))) &&
    !isEmpty(a) &&
    !isEmpty(b) &&
    (countA === 1 || countA === count) &&
    (countB === 1 || countB === count);
  if (!served) return undefined;

  const out = backend.allocate([...outer, m, n]);
  const [stepA, stepB] = [countA === 1 ? 0 : m * k, countB === 1 ? 0 : k * n];
  const relu = activation === 'relu';
  backend.addon.multiplyMatrices(
    backend.values(a),
    backend.values(b),
    bias ? backend.values(bias) : null,
    backend.values(out),
    Int32Array.of(count, m, k, n, Number(transposeA), Number(transposeB), stepA, stepB, Number(relu)),
  );
  return out;
}
