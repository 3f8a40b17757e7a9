// Sizes of the packed panels that assembly/tile.ts reads: 5 rows by 8 columns of floats.

export const TILE_ROWS = 5;
/** The tile itself: 5 x 8 floats. */
export const TILE_BYTES = 160;

/** Bytes of `rows` x `depth` floats of the left operand, whole panels. */
export function rowPanelBytes(rows: number, depth: number): number {
  return Math.ceil(rows / TILE_ROWS) * TILE_ROWS * depth * 4;
}

/** Bytes of `depth` x `columns` floats of the right operand, whole panels. */
export function columnPanelBytes(columns: number, depth: number): number {
  return Math.ceil(columns / 8) * 8 * depth * 4;
}
