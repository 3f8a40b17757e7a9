import { resolveCondition } from '@reseed/experiment';
import { describe, expect, it } from 'vitest';
import { seedWarnings, sharedSeeds } from './shared-seeds.ts';

const condition = (given: Record<string, unknown>) =>
  resolveCondition({ epochs: 20, augmentation: 'pad_crop', ...given }).condition;
const warningsOf = (given: Record<string, unknown>[], seeds: number[]): string[] => {
  const conditions = given.map(condition);
  return seedWarnings(conditions, sharedSeeds(conditions, seeds));
};

describe('seeds that share streams', () => {
  it('are named with the mode, the pairs and how many streams they share', () => {
    expect(warningsOf([{ seedingMode: 'blog_epoch' }], [100, 22, 0])).toEqual([
      'seedingMode blog_epoch: seeds that share augmentation streams are no independent replicates: ' +
        '22 and 0 (1 of 23); worker 0 of epoch 0 of seed 22 reads the stream of worker 3 of epoch 19 of seed 0. ' +
        '{ "count": n, "master": m } spreads seeds',
    ]);
  });

  it('warn once for conditions that seed alike, and per mode', () => {
    const modes = ['const_worker', 'const_worker', 'blog_state0_on_modern', 'modern', 'inherited'];
    const warnings = warningsOf(
      modes.map((seedingMode, i) => ({ seedingMode, model: i === 0 ? 'mnist_net' : 'tiny-cnn' })),
      [0, 1, 2],
    );
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain('0 and 1 (3 of 4), 0 and 2 (2 of 4), 1 and 2 (3 of 4)');
    expect(warnings[1]).toContain('blog_state0_on_modern: every seed reads the same 4 augmentation streams');
  });

  it('do not exist for a mode that spreads them, for one seed, and where nothing is drawn', () => {
    expect(warningsOf([{ seedingMode: 'modern' }, { seedingMode: 'per_sample' }], [0, 1, 2])).toEqual([]);
    expect(warningsOf([{ seedingMode: 'const_worker' }], [7])).toEqual([]);
    expect(warningsOf([{ seedingMode: 'const_worker', augmentation: 'none' }], [0, 1])).toEqual([]);
  });

  it('are not looked for in a condition that cannot run', () => {
    expect(warningsOf([{ seedingMode: 'single_process', loader: { workers: 2 } }], [0, 1])).toEqual([]);
  });
});
