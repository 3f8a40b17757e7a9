// Old garbage is collected between batches, before it grows to what V8 would let lie.
import { getHeapSpaceStatistics } from 'node:v8';
import { expect, it } from 'vitest';
import { createHeapBorder } from './heap-border.ts';

const MEGABYTE = 2 ** 20;
const oldMegabytes = () =>
  (getHeapSpaceStatistics().find((space) => space.space_name === 'old_space')?.space_used_size ?? 0) / MEGABYTE;

/** More objects than fit where young ones live: what is held of them is old when this returns. */
const held = (): object[] => Array.from({ length: 600_000 }, (_, i) => ({ i, next: [i] }));

const callFor = (batches: number, border: () => void) => {
  for (let batch = 0; batch < batches; batch++) border();
};

it('garbage among old objects is collected within 25 batches', () => {
  const border = createHeapBorder();
  callFor(25, border);
  const before = oldMegabytes();
  let objects: object[] | undefined = held();
  expect(objects).toHaveLength(600_000);
  expect(oldMegabytes() - before).toBeGreaterThan(20);
  objects = undefined;
  callFor(24, border);
  expect(oldMegabytes() - before).toBeGreaterThan(20);
  callFor(1, border);
  expect(oldMegabytes() - before).toBeLessThan(8);
});
