// The 5x8 register tile that every product here is built from, and the ways its result leaves the registers.
// 5x8 because ten accumulators, two columns of B and two temporaries fit the 15 vector registers V8 hands out:
// measured 31-37 GFLOP/s on a Zen core against 24 for 6x8, which spills. No fused multiply-add: plain SIMD has none.

export const TILE_ROWS: i32 = 5;
export const TILE_COLUMNS: i32 = 8;

/** tile[5][8] = sum over k of panelA[k][5] (outer) panelB[k][8]. */
export function multiplyTile(panelA: usize, panelB: usize, k: i32, tile: usize): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0);
  let c41 = f32x4.splat(0);
  for (; k > 0; k--) {
    const b0 = v128.load(panelB);
    const b1 = v128.load(panelB, 16);
    const a0 = v128.load32_splat(panelA);
    c00 = f32x4.add(c00, f32x4.mul(a0, b0));
    c01 = f32x4.add(c01, f32x4.mul(a0, b1));
    const a1 = v128.load32_splat(panelA, 4);
    c10 = f32x4.add(c10, f32x4.mul(a1, b0));
    c11 = f32x4.add(c11, f32x4.mul(a1, b1));
    const a2 = v128.load32_splat(panelA, 8);
    c20 = f32x4.add(c20, f32x4.mul(a2, b0));
    c21 = f32x4.add(c21, f32x4.mul(a2, b1));
    const a3 = v128.load32_splat(panelA, 12);
    c30 = f32x4.add(c30, f32x4.mul(a3, b0));
    c31 = f32x4.add(c31, f32x4.mul(a3, b1));
    const a4 = v128.load32_splat(panelA, 16);
    c40 = f32x4.add(c40, f32x4.mul(a4, b0));
    c41 = f32x4.add(c41, f32x4.mul(a4, b1));
    panelA += 20;
    panelB += 32;
  }
  v128.store(tile, c00);
  v128.store(tile, c01, 16);
  v128.store(tile, c10, 32);
  v128.store(tile, c11, 48);
  v128.store(tile, c20, 64);
  v128.store(tile, c21, 80);
  v128.store(tile, c30, 96);
  v128.store(tile, c31, 112);
  v128.store(tile, c40, 128);
  v128.store(tile, c41, 144);
}

/**
 * Writes the tile's first `rows` x `columns` corner to `out` (rows `pitch` bytes apart): added to what is there when
 * `accumulate`, otherwise added to `bias` (8 floats, 0 for none); clamped at 0 from below when `relu`.
 */
export function storeTile(
  tile: usize,
  rows: i32,
  columns: i32,
  out: usize,
  pitch: usize,
  bias: usize,
  accumulate: bool,
  relu: bool,
): void {
  const zero = f32x4.splat(0);
  for (let r = 0; r < rows; r++) {
    const base = accumulate ? out : bias;
    if (columns == TILE_COLUMNS) {
      let low = v128.load(tile);
      let high = v128.load(tile, 16);
      if (base) {
        low = f32x4.add(low, v128.load(base));
        high = f32x4.add(high, v128.load(base, 16));
      }
      if (relu) {
        low = f32x4.max(low, zero);
        high = f32x4.max(high, zero);
      }
      v128.store(out, low);
      v128.store(out, high, 16);
    } else {
      for (let at: usize = 0, end = (<usize>columns) << 2; at < end; at += 4) {
        let value = load<f32>(tile + at);
        if (base) value += load<f32>(base + at);
        store<f32>(out + at, relu ? max<f32>(value, 0) : value);
      }
    }
    tile += 32;
    out += pitch;
  }
}

/** Adds one row of a tile (`columns` floats) to `out`. */
// @ts-ignore: decorator
@inline
export function addTileRow(tileRow: usize, columns: i32, out: usize): void {
  if (columns == TILE_COLUMNS) {
    v128.store(out, f32x4.add(v128.load(out), v128.load(tileRow)));
    v128.store(out, f32x4.add(v128.load(out, 16), v128.load(tileRow, 16)), 16);
  } else {
    for (let at: usize = 0, end = (<usize>columns) << 2; at < end; at += 4) {
      store<f32>(out + at, load<f32>(out + at) + load<f32>(tileRow + at));
    }
  }
}
