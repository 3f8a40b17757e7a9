// The picture of the defect: position × epoch, a colour for each draw block that comes more than once.
import type { DrawGrid } from './draw-grid.ts';

const LEFT = 58;
const TOP = 74;
const WIDTH = 1024;
const BOTTOM = 46;
const MOST_ROW_HEIGHT = 22;
const MOST_HEIGHT = 660;
const ONCE = '#e4e4e7';
const COLOURS = 180;
/** Neighbouring blocks get hues far apart. */
const GOLDEN_ANGLE = 137.508;

export interface PictureText {
  readonly title: string;
  /** In how many positions a batch lies; its borders are marked. */
  readonly batchSize?: number;
}

const colourOf = (order: number): string => {
  const k = order % COLOURS;
  return `hsl(${((k * GOLDEN_ANGLE) % 360).toFixed(1)} ${60 + (k % 3) * 12}% ${40 + (k % 4) * 7}%)`;
};

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const whole = (value: number): string => value.toLocaleString('en-US');

/** Blocks that come more than once, numbered by their first appearance. */
function repeatedBlocks(rows: DrawGrid['blocks']): Map<string, number> {
  const uses = new Map<string, number>();
  for (const block of rows.flat()) uses.set(block, (uses.get(block) ?? 0) + 1);
  const numbers = new Map<string, number>();
  for (const [block, count] of uses) if (count > 1) numbers.set(block, numbers.size);
  return numbers;
}

/** One path per colour, in units of cells; neighbours of one colour are one rectangle. */
function cells(rows: DrawGrid['blocks'], numbers: ReadonlyMap<string, number>): string[] {
  const paths = new Map<string, string[]>();
  rows.forEach((row, y) => {
    const colours = row.map((block) => {
      const number = numbers.get(block);
      return number === undefined ? ONCE : colourOf(number);
    });
    for (let x = 0; x < row.length; ) {
      let end = x + 1;
      while (end < row.length && colours[end] === colours[x]) end++;
      const path = paths.get(colours[x]) ?? [];
      path.push(`M${x} ${y}h${end - x}v1h${x - end}z`);
      paths.set(colours[x], path);
      x = end;
    }
  });
  return [...paths].map(([colour, path]) => `<path fill="${colour}" d="${path.join('')}"/>`);
}

function positionTicks(columns: number, batchSize: number | undefined): { at: number; text: string }[] {
  const batches = batchSize === undefined ? undefined : Math.ceil(columns / batchSize);
  if (batchSize !== undefined && batches !== undefined && batches <= 40) {
    return Array.from({ length: batches }, (_, batch) => ({ at: batch * batchSize, text: `${batch}` }));
  }
  const step = Math.max(1, Math.ceil(columns / 10));
  return Array.from({ length: Math.ceil(columns / step) }, (_, i) => ({ at: i * step, text: whole(i * step) }));
}

function caption(
  rows: DrawGrid['blocks'],
  numbers: ReadonlyMap<string, number>,
  { epochs, positions }: DrawGrid,
): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const cut = columns < positions || rows.length < epochs;
  const all = rows.flat();
  const again = all.filter((block) => numbers.has(block)).length;
  return (
    `${whole(new Set(all).size)} distinct draw blocks in ${whole(all.length)} draws; ` +
    `${whole(again)} draws share their block with another one (coloured), ${whole(all.length - again)} stand alone (grey)` +
    (cut ? `; first ${whole(columns)} of ${whole(positions)} positions, ${rows.length} of ${whole(epochs)} epochs` : '')
  );
}

/**
 * A standing colour is a stripe: the draw at that position comes again in every epoch; a colour that comes again along a
 * row is shared by workers.
 * @returns an SVG document
 */
export function drawPicture(grid: DrawGrid, { title, batchSize }: PictureText): string {
  const { blocks: rows } = grid;
  const numbers = repeatedBlocks(rows);
  const columns = Math.max(1, ...rows.map((row) => row.length));
  const height = Math.min(MOST_HEIGHT, rows.length * MOST_ROW_HEIGHT);
  const ticks = positionTicks(columns, batchSize);
  const everyRow = Math.max(1, Math.ceil(rows.length / 25));
  const rowHeight = height / rows.length;
  const x = (position: number) => (LEFT + (position / columns) * WIDTH).toFixed(1);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${LEFT + WIDTH + 20}" height="${TOP + height + BOTTOM}" font-family="system-ui, sans-serif" font-size="12" fill="#27272a">`,
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    `<text x="${LEFT}" y="26" font-size="17" font-weight="600">${escaped(title)}</text>`,
    `<text x="${LEFT}" y="47">${escaped(caption(rows, numbers, grid))}</text>`,
    `<svg x="${LEFT}" y="${TOP}" width="${WIDTH}" height="${height}" viewBox="0 0 ${columns} ${rows.length}" preserveAspectRatio="none" shape-rendering="crispEdges">`,
    ...cells(rows, numbers),
    '</svg>',
    ...ticks.flatMap(({ at, text }) => [
      `<path d="M${x(at)} ${TOP - 5}V${TOP + height}" stroke="#71717a" stroke-opacity=".35"/>`,
      `<text x="${x(at)}" y="${TOP + height + 16}">${text}</text>`,
    ]),
    ...rows.flatMap((_, epoch) =>
      epoch % everyRow === 0
        ? [
            `<text x="${LEFT - 8}" y="${(TOP + (epoch + 0.5) * rowHeight + 4).toFixed(1)}" text-anchor="end">${epoch}</text>`,
          ]
        : [],
    ),
    `<text x="${LEFT - 8}" y="${TOP - 10}" text-anchor="end">epoch</text>`,
    `<text x="${LEFT}" y="${TOP + height + 36}">${batchSize !== undefined && Math.ceil(columns / batchSize) <= 40 ? 'batch' : 'position in the epoch'}</text>`,
    '</svg>',
    '',
  ].join('\n');
}
