// Finds, for each condition of a grid, the seeds that share augmentation streams, and words a warning for each way.
import { describeSeedCollisions, type SeedCollisions, seedCollisions } from '@reseed/dataloader';
import { canonicalJson, type Condition } from '@reseed/experiment';

/** Nothing is drawn, so nothing is shared. */
const NONE: SeedCollisions = { streamsPerSeed: 0, epochsCompared: 0, seedsCompared: 0, pairCount: 0, pairs: [] };

/** @returns one entry per condition; conditions that seed alike share the object */
export function sharedSeeds(conditions: readonly Condition[], seeds: readonly number[]): SeedCollisions[] {
  const known = new Map<string, SeedCollisions>();
  return conditions.map(({ augmentation, seedingMode, loader, epochs, batchSize, dataset }) => {
    // Conditions that cannot run have no streams to compare.
    const impossible = seedingMode === 'single_process' && loader.workers > 0;
    if (augmentation === 'none' || impossible) return NONE;
    const options = { seedingMode, loader, batchSize, sampleCount: dataset.trainSize };
    const key = canonicalJson({ ...options, epochs });
    const collisions = known.get(key) ?? seedCollisions(options, { seeds, epochs });
    known.set(key, collisions);
    return collisions;
  });
}

/** One sentence for each way in which seeds share streams. */
export function seedWarnings(conditions: readonly Condition[], collisions: readonly SeedCollisions[]): string[] {
  const sentences = conditions.flatMap(
    ({ seedingMode }, position) => describeSeedCollisions(seedingMode, collisions[position]) ?? [],
  );
  return [...new Set(sentences)];
}
