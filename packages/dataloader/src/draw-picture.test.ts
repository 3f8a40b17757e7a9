// The picture shows each draw once, in one colour per repeated block, and says how much it leaves out.
import { expect, it } from 'vitest';
import { gridOfLoader } from './draw-grid.ts';
import { drawPicture } from './draw-picture.ts';
import type { LoaderMode } from './loader-options.ts';
import { batchRawDraws, blocksOf, rawDraws, recordRun } from './recorded-epoch.ts';

const loader = { workers: 2, order: 'decoupled', shuffle: 'reshuffle', dropLast: false, batchRepeat: 1 } as const;
const study = (seedingMode: LoaderMode) => ({
  seed: 7,
  sampleCount: 16,
  batchSize: 4,
  loader,
  seedingMode,
  draws: rawDraws,
});

/** Colour of every cell, read back from the paths. */
function coloursIn(svg: string): Map<string, string> {
  const cells = new Map<string, string>();
  for (const [, colour, path] of svg.matchAll(/<path fill="([^"]+)" d="([^"]+)"/g)) {
    for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
      for (let at = Number(x); at < Number(x) + Number(width); at++) {
        expect(cells.has(`${y},${at}`)).toBe(false);
        cells.set(`${y},${at}`, colour);
      }
    }
  }
  return cells;
}

it.each<LoaderMode>(['inherited', 'modern', 'const_worker', 'blog_epoch', 'fixed_per_sample', 'main_precomputed'])(
  '%s: the grid names draws alike exactly when they are equal',
  (mode) => {
    const draws = recordRun(study(mode), 3).map(blocksOf);
    const { blocks } = gridOfLoader(study(mode), 3);
    const [flatDraws, flatBlocks] = [draws.flat(), blocks.flat()];
    for (let i = 0; i < flatDraws.length; i++) {
      for (let j = 0; j < i; j++) expect(flatBlocks[i] === flatBlocks[j]).toBe(flatDraws[i] === flatDraws[j]);
    }
  },
);

it('inherited stands in stripes, modern is grey', () => {
  const bug = coloursIn(drawPicture(gridOfLoader(study('inherited'), 3), { title: 'bug', batchSize: 4 }));
  expect(bug.size).toBe(48);
  for (let x = 0; x < 16; x++) {
    expect(new Set([0, 1, 2].map((y) => bug.get(`${y},${x}`))).size).toBe(1);
    expect(bug.get(`0,${x}`)).not.toBe('#e4e4e7');
  }
  // Worker 1 draws what worker 0 draws.
  expect([0, 1, 2, 3].map((x) => bug.get(`0,${x}`))).toEqual([4, 5, 6, 7].map((x) => bug.get(`0,${x}`)));
  expect(new Set([0, 1, 2, 3, 8, 9, 10, 11].map((x) => bug.get(`0,${x}`))).size).toBe(8);
  const clean = coloursIn(drawPicture(gridOfLoader(study('modern'), 3), { title: 'clean' }));
  expect(new Set(clean.values())).toEqual(new Set(['#e4e4e7']));
});

it('draws per batch colour the whole batch', () => {
  const { blocks } = gridOfLoader({ ...study('inherited'), draws: batchRawDraws }, 1);
  expect(blocks[0].map((block) => blocks[0].indexOf(block))).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 8, 8, 8, 8, 8, 8, 8, 8]);
});

it('is cut to what can be seen, and says so; titles cannot break it', () => {
  const grid = gridOfLoader({ ...study('const_worker'), sampleCount: 3000, batchSize: 1000 }, 300);
  expect(grid).toMatchObject({ epochs: 300, positions: 3000 });
  expect([grid.blocks.length, grid.blocks[0].length]).toEqual([100, 1024]);
  const svg = drawPicture(grid, { title: '<b> & co', batchSize: 1000 });
  expect(svg).toContain('first 1,024 of 3,000 positions, 100 of 300 epochs');
  expect(svg).toContain('&lt;b> &amp; co');
});
