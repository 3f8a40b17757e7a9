// Dense product out = relu?(op(a) op(b) + bias) in blocks of the inner dimension (Goto and van de Geijn 2008).

import { packColumns, packColumnsTransposed, packRows, packRowsTransposed } from './pack';
import { multiplyTile, storeTile, TILE_COLUMNS, TILE_ROWS } from './tile';

/**
 * a is [m, k], or [k, m] when transposed; b is [k, n], or [n, k]; out is [m, n]; bias has n floats or is 0.
 * packedA holds rowBlock (a multiple of 5) x innerBlock floats, packedB innerBlock x n rounded up to 8.
 */
export function multiplyMatrices(
  a: usize,
  transposeA: bool,
  b: usize,
  transposeB: bool,
  bias: usize,
  relu: bool,
  out: usize,
  m: i32,
  k: i32,
  n: i32,
  innerBlock: i32,
  rowBlock: i32,
  packedA: usize,
  packedB: usize,
  tile: usize,
): void {
  const pitchA = (<usize>(transposeA ? m : k)) << 2;
  const pitchB = (<usize>(transposeB ? k : n)) << 2;
  const pitchOut = (<usize>n) << 2;
  for (let k0 = 0; k0 < k; k0 += innerBlock) {
    const depth = min(innerBlock, k - k0);
    const last = k0 + depth == k;
    if (transposeB) packColumnsTransposed(b + ((<usize>k0) << 2), n, depth, pitchB, packedB);
    else packColumns(b + <usize>k0 * pitchB, n, depth, pitchB, packedB);
    for (let m0 = 0; m0 < m; m0 += rowBlock) {
      const rows = min(rowBlock, m - m0);
      if (transposeA) packRowsTransposed(a + <usize>k0 * pitchA + ((<usize>m0) << 2), rows, depth, pitchA, packedA);
      else packRows(a + <usize>m0 * pitchA + ((<usize>k0) << 2), rows, depth, pitchA, packedA);
      let panelB = packedB;
      for (let n0 = 0; n0 < n; n0 += TILE_COLUMNS) {
        const columns = min(TILE_COLUMNS, n - n0);
        const at = (<usize>n0) << 2;
        let panelA = packedA;
        for (let row = 0; row < rows; row += TILE_ROWS) {
          multiplyTile(panelA, panelB, depth, tile);
          storeTile(
            tile,
            min(TILE_ROWS, rows - row),
            columns,
            out + <usize>(m0 + row) * pitchOut + at,
            pitchOut,
            bias ? bias + at : 0,
            k0 > 0,
            relu && last,
          );
          panelA += <usize>depth * 20;
        }
        panelB += (<usize>depth) << 5;
      }
    }
  }
}
