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
import type { KernelCall, KernelModule } from './kernel-module.ts';
import { columnPanelBytes, rowPanelBytes, TILE_BYTES } from './register-tile.ts';

/** 512 x 8 floats of b (16 kB) stay in the first-level cache, 80 x 512 floats of a (160 kB) in the second. */
const INNER_BLOCK = 512;
const ROW_BLOCK = 80;

/**
 * relu?(op(a) op(b) + bias) for a [..., m, k] and b [..., k, n], bias [n]; undefined where it is not served:
 * other types and activations, and leading dimensions that repeat on both sides.
 */
export function multiplyMatrices(
  module: KernelModule,
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
    a.dtype === 'float32' &&
    b.dtype === 'float32' &&
    (activation === 'linear' || activation === 'relu') &&
    (bias === undefined || bias === null || util.arraysEqual(bias.shape, [n])) &&
    k > 0 &&
    (countA === 1 || countA === count) &&
    (countB === 1 || countB === count);
  if (!served) return undefined;

  const out = module.allocate([...outer, m, n]);
  const depth = Math.min(k, INNER_BLOCK);
  const [tile, packedA, packedB] = module.scratch(
    TILE_BYTES,
    rowPanelBytes(Math.min(m, ROW_BLOCK), depth),
    columnPanelBytes(n, depth),
  );
  for (let i = 0; i < count; i++) {
    module.native.multiplyMatrices(
      module.address(a) + (countA === 1 ? 0 : i * m * k * 4),
      transposeA,
      module.address(b) + (countB === 1 ? 0 : i * k * n * 4),
      transposeB,
      bias ? module.address(bias) : 0,
      activation === 'relu',
      module.address(out) + i * m * n * 4,
      m,
      k,
      n,
      INNER_BLOCK,
      ROW_BLOCK,
      packedA,
      packedB,
      tile,
    );
  }
  return out;
}
