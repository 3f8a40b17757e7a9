// Warns of seeds so close together that the augmentation streams of two replicates overlap.
import type { Condition } from '@reseed/experiment';

/**
 * Modes that seed worker streams from (seed, epoch, worker) meet again at seed + 1: with seeds closer than
 * epochs + workers, two replicates share streams and are not independent.
 *
 * @param conditions those of one grid
 * @returns one sentence, or none
 */
export function seedWarnings(conditions: readonly Condition[], seeds: readonly number[]): string[] {
  const reach = conditions.reduce((most, { epochs, loader }) => Math.max(most, epochs + loader.workers), 0);
  const sorted = seeds.toSorted((a, b) => a - b);
  const close = sorted.flatMap((seed, index): [number, number][] => {
    const next = sorted[index + 1];
    return next !== undefined && next - seed < reach ? [[seed, next]] : [];
  });
  if (close.length === 0) return [];
  const [first, second] = close[0];
  const others = close.length === 1 ? '' : ` (and ${close.length - 1} more neighbouring pairs)`;
  return [
    `seeds ${first} and ${second} differ by ${second - first}${others}, less than epochs + workers = ${reach}: ` +
      'their augmentation streams may overlap, so they may not be independent replicates; ' +
      '{ "count": n, "master": m } spreads seeds',
  ];
}
