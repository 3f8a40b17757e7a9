// Copies matrices into the panels that the register tile reads: A as [k][5], B as [k][8], both contiguous.

import { TILE_COLUMNS, TILE_ROWS } from './tile';

// @ts-ignore: decorator
@inline
function transposeLow(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 0, 4, 1, 5);
}
// @ts-ignore: decorator
@inline
function transposeHigh(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 2, 6, 3, 7);
}
// @ts-ignore: decorator
@inline
function lowHalves(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 0, 1, 4, 5);
}
// @ts-ignore: decorator
@inline
function highHalves(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 2, 3, 6, 7);
}

/** panel[k][5] from five runs of `k` floats each. */
export function packFiveRuns(
  r0: usize,
  r1: usize,
  r2: usize,
  r3: usize,
  r4: usize,
  k: i32,
  panel: usize,
): void {
  for (; k >= 4; k -= 4) {
    const v0 = v128.load(r0);
    const v1 = v128.load(r1);
    const v2 = v128.load(r2);
    const v3 = v128.load(r3);
    const v4 = v128.load(r4);
    const low01 = transposeLow(v0, v1);
    const low23 = transposeLow(v2, v3);
    const high01 = transposeHigh(v0, v1);
    const high23 = transposeHigh(v2, v3);
    v128.store(panel, lowHalves(low01, low23));
    v128.store_lane<f32>(panel, v4, 0, 16);
    v128.store(panel, highHalves(low01, low23), 20);
    v128.store_lane<f32>(panel, v4, 1, 36);
    v128.store(panel, lowHalves(high01, high23), 40);
    v128.store_lane<f32>(panel, v4, 2, 56);
    v128.store(panel, highHalves(high01, high23), 60);
    v128.store_lane<f32>(panel, v4, 3, 76);
    r0 += 16;
    r1 += 16;
    r2 += 16;
    r3 += 16;
    r4 += 16;
    panel += 80;
  }
  for (; k > 0; k--) {
    store<f32>(panel, load<f32>(r0));
    store<f32>(panel, load<f32>(r1), 4);
    store<f32>(panel, load<f32>(r2), 8);
    store<f32>(panel, load<f32>(r3), 12);
    store<f32>(panel, load<f32>(r4), 16);
    r0 += 4;
    r1 += 4;
    r2 += 4;
    r3 += 4;
    r4 += 4;
    panel += 20;
  }
}

/** Panels of A from `rows` rows of `k` floats, `pitch` bytes apart; the last panel repeats the last row. */
export function packRows(source: usize, rows: i32, k: i32, pitch: usize, panels: usize): void {
  for (let row = 0; row < rows; row += TILE_ROWS) {
    const first = source + <usize>row * pitch;
    const left = rows - row - 1;
    packFiveRuns(
      first,
      first + <usize>min(1, left) * pitch,
      first + <usize>min(2, left) * pitch,
      first + <usize>min(3, left) * pitch,
      first + <usize>min(4, left) * pitch,
      k,
      panels,
    );
    panels += (<usize>k * TILE_ROWS) << 2;
  }
}

/** Panels of A from its transpose: `k` rows of `rows` floats, `pitch` bytes apart. */
export function packRowsTransposed(source: usize, rows: i32, k: i32, pitch: usize, panels: usize): void {
  for (let row = 0; row < rows; row += TILE_ROWS) {
    const left = rows - row - 1;
    let from = source + ((<usize>row) << 2);
    if (left >= TILE_ROWS - 1) {
      for (let i = 0; i < k; i++, from += pitch, panels += 20) {
        v128.store(panels, v128.load(from));
        store<f32>(panels, load<f32>(from, 16), 16);
      }
    } else {
      for (let i = 0; i < k; i++, from += pitch) {
        for (let r = 0; r < TILE_ROWS; r++, panels += 4) store<f32>(panels, load<f32>(from + ((<usize>min(r, left)) << 2)));
      }
    }
  }
}

/** Panels of B from `k` rows of `columns` floats, `pitch` bytes apart; missing columns are 0. */
export function packColumns(source: usize, columns: i32, k: i32, pitch: usize, panels: usize): void {
  for (let column = 0; column < columns; column += TILE_COLUMNS) {
    const left = columns - column;
    let from = source + ((<usize>column) << 2);
    if (left >= TILE_COLUMNS) {
      for (let i = 0; i < k; i++, from += pitch, panels += 32) {
        v128.store(panels, v128.load(from));
        v128.store(panels, v128.load(from, 16), 16);
      }
    } else {
      for (let i = 0; i < k; i++, from += pitch) {
        for (let c = 0; c < TILE_COLUMNS; c++, panels += 4) {
          store<f32>(panels, c < left ? load<f32>(from + ((<usize>c) << 2)) : 0);
        }
      }
    }
  }
}

/** Panels of B from its transpose: `columns` rows of `k` floats, `pitch` bytes apart; missing columns are 0. */
export function packColumnsTransposed(source: usize, columns: i32, k: i32, pitch: usize, panels: usize): void {
  for (let column = 0; column < columns; column += TILE_COLUMNS) {
    const first = source + <usize>column * pitch;
    const left = columns - column;
    if (left >= TILE_COLUMNS) {
      packFourColumns(first, k, pitch, panels);
      packFourColumns(first + 4 * pitch, k, pitch, panels + 16);
      panels += (<usize>k) << 5;
    } else {
      for (let i = 0; i < k; i++) {
        for (let c = 0; c < TILE_COLUMNS; c++, panels += 4) {
          store<f32>(panels, c < left ? load<f32>(first + <usize>c * pitch + ((<usize>i) << 2)) : 0);
        }
      }
    }
  }
}

/** Half a panel of B: four runs of `k` floats become the columns of [k][8] at `panel`. */
function packFourColumns(r0: usize, k: i32, pitch: usize, panel: usize): void {
  let r1 = r0 + pitch;
  let r2 = r1 + pitch;
  let r3 = r2 + pitch;
  for (; k >= 4; k -= 4) {
    const v0 = v128.load(r0);
    const v1 = v128.load(r1);
    const v2 = v128.load(r2);
    const v3 = v128.load(r3);
    const low01 = transposeLow(v0, v1);
    const low23 = transposeLow(v2, v3);
    const high01 = transposeHigh(v0, v1);
    const high23 = transposeHigh(v2, v3);
    v128.store(panel, lowHalves(low01, low23));
    v128.store(panel, highHalves(low01, low23), 32);
    v128.store(panel, lowHalves(high01, high23), 64);
    v128.store(panel, highHalves(high01, high23), 96);
    r0 += 16;
    r1 += 16;
    r2 += 16;
    r3 += 16;
    panel += 128;
  }
  for (; k > 0; k--) {
    store<f32>(panel, load<f32>(r0));
    store<f32>(panel, load<f32>(r1), 4);
    store<f32>(panel, load<f32>(r2), 8);
    store<f32>(panel, load<f32>(r3), 12);
    r0 += 4;
    r1 += 4;
    r2 += 4;
    r3 += 4;
    panel += 32;
  }
}
