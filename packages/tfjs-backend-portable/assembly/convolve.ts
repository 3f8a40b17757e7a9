// 2-D convolution of NHWC images and its two gradients, each as products of register tiles over packed windows.
// A window is filterHeight runs of `run` = filterWidth x channels contiguous floats, `rowPitch` bytes apart.
// One call handles one block of images that are already padded; `pixels` = images x outHeight x outWidth.

import { packColumns, packFiveRuns, packRows } from './pack';
import { addTileRow, multiplyTile, storeTile, TILE_COLUMNS, TILE_ROWS } from './tile';

/** out[pixels][outChannels] = relu?(windows x filter + bias); packedA holds rowBlock (a multiple of 5) windows. */
export function convolve(
  padded: usize,
  offsets: usize,
  pixels: i32,
  filterHeight: i32,
  run: i32,
  rowPitch: usize,
  packedFilter: usize,
  outChannels: i32,
  bias: usize,
  relu: bool,
  out: usize,
  rowBlock: i32,
  packedA: usize,
  tile: usize,
): void {
  const depth = filterHeight * run;
  const panelBytes = <usize>depth * 20;
  const runBytes = <usize>run * 20;
  const pitch = (<usize>outChannels) << 2;
  for (let first = 0; first < pixels; first += rowBlock) {
    const rows = min(rowBlock, pixels - first);
    let panel = packedA;
    for (let row = 0; row < rows; row += TILE_ROWS) {
      const at = offsets + ((<usize>(first + row)) << 2);
      const left = rows - row - 1;
      let r0 = padded + load<u32>(at);
      let r1 = padded + load<u32>(at + ((<usize>min(1, left)) << 2));
      let r2 = padded + load<u32>(at + ((<usize>min(2, left)) << 2));
      let r3 = padded + load<u32>(at + ((<usize>min(3, left)) << 2));
      let r4 = padded + load<u32>(at + ((<usize>min(4, left)) << 2));
      for (let y = 0; y < filterHeight; y++) {
        packFiveRuns(r0, r1, r2, r3, r4, run, panel);
        r0 += rowPitch;
        r1 += rowPitch;
        r2 += rowPitch;
        r3 += rowPitch;
        r4 += rowPitch;
        panel += runBytes;
      }
    }
    let panelB = packedFilter;
    for (let column = 0; column < outChannels; column += TILE_COLUMNS) {
      const at = (<usize>column) << 2;
      const columns = min(TILE_COLUMNS, outChannels - column);
      let panelA = packedA;
      for (let row = 0; row < rows; row += TILE_ROWS) {
        multiplyTile(panelA, panelB, depth, tile);
        const to = out + <usize>(first + row) * pitch + at;
        storeTile(tile, min(TILE_ROWS, rows - row), columns, to, pitch, bias ? bias + at : 0, false, relu);
        panelA += panelBytes;
      }
      panelB += (<usize>depth) << 5;
    }
  }
}

/**
 * Adds to the padded (zeroed) image gradient. packedFilter holds, filter row after filter row, the panels of the
 * transposed filter [outChannels][run]; dy is [pixels][outChannels]; packedA holds rowBlock x outChannels floats.
 */
export function convolveBackToInput(
  dy: usize,
  offsets: usize,
  pixels: i32,
  filterHeight: i32,
  run: i32,
  rowPitch: usize,
  packedFilter: usize,
  outChannels: i32,
  paddedGradient: usize,
  rowBlock: i32,
  packedA: usize,
  tile: usize,
): void {
  const pitch = (<usize>outChannels) << 2;
  const panelBytes = <usize>outChannels * 20;
  for (let first = 0; first < pixels; first += rowBlock) {
    const rows = min(rowBlock, pixels - first);
    packRows(dy + <usize>first * pitch, rows, outChannels, pitch, packedA);
    let panelB = packedFilter;
    for (let y = 0; y < filterHeight; y++) {
      for (let column = 0; column < run; column += TILE_COLUMNS) {
        const columns = min(TILE_COLUMNS, run - column);
        const target = paddedGradient + <usize>y * rowPitch + ((<usize>column) << 2);
        let panelA = packedA;
        let at = offsets + ((<usize>first) << 2);
        for (let row = 0; row < rows; row += TILE_ROWS) {
          multiplyTile(panelA, panelB, outChannels, tile);
          // Neighbouring windows overlap: row by row, so that each sees what the one before it added.
          const valid = min(TILE_ROWS, rows - row);
          for (let r = 0; r < valid; r++, at += 4) addTileRow(tile + ((<usize>r) << 5), columns, target + load<u32>(at));
          panelA += panelBytes;
        }
        panelB += (<usize>outChannels) << 5;
      }
    }
  }
}

/**
 * Adds to the (zeroed) filter gradient [filterHeight x run][outChannels].
 * packedDy holds pixels x outChannels rounded up to 8; packedA pixels x 5. `padded` is readable 16 bytes past its end.
 */
export function convolveBackToFilter(
  padded: usize,
  offsets: usize,
  pixels: i32,
  filterHeight: i32,
  run: i32,
  rowPitch: usize,
  dy: usize,
  outChannels: i32,
  filterGradient: usize,
  packedDy: usize,
  packedA: usize,
  tile: usize,
): void {
  const pitch = (<usize>outChannels) << 2;
  packColumns(dy, outChannels, pixels, pitch, packedDy);
  for (let y = 0; y < filterHeight; y++) {
    for (let row = 0; row < run; row += TILE_ROWS) {
      const source = padded + <usize>y * rowPitch + ((<usize>row) << 2);
      let to = packedA;
      let at = offsets;
      for (let pixel = 0; pixel < pixels; pixel++, at += 4, to += 20) {
        const from = source + load<u32>(at);
        v128.store(to, v128.load(from));
        store<f32>(to, load<f32>(from, 16), 16);
      }
      const out = filterGradient + <usize>(y * run + row) * pitch;
      const rows = min(TILE_ROWS, run - row);
      let panelB = packedDy;
      for (let column = 0; column < outChannels; column += TILE_COLUMNS) {
        multiplyTile(packedA, panelB, pixels, tile);
        const columns = min(TILE_COLUMNS, outChannels - column);
        storeTile(tile, rows, columns, out + ((<usize>column) << 2), pitch, 0, true, false);
        panelB += (<usize>pixels) << 5;
      }
    }
  }
}
