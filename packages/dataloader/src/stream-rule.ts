// What each seeding mode means: which NumPy stream serves which sample. The only branch on seedingMode.
import { type Mt19937Seed, seedWords, torchWorkerSeed } from '@reseed/rng';
import type { EpochOrder } from './epoch-order.ts';
import { WorkersNotAllowedError } from './errors.ts';
import type { LoaderOptions } from './loader-options.ts';

/** Whether two workers, or two epochs, get the same stream or each its own. */
export type Sharing = 'same' | 'fresh';

/** One stream, which goes on over the epochs. */
export interface RunRule {
  readonly scope: 'run';
  readonly seed: Mt19937Seed;
}

/** A stream per (epoch, worker), which lasts for the epoch. The two kinds of sharing make the 2 × 2 factorial. */
export interface WorkerRule {
  readonly scope: 'worker';
  readonly acrossWorkers: Sharing;
  readonly acrossEpochs: Sharing;
  seed(epoch: Pick<EpochOrder, 'epoch' | 'baseSeed'>, worker: number): Mt19937Seed;
}

/** A stream per (epoch, sample index), whatever the workers, batches and order are. */
export interface SampleRule {
  readonly scope: 'sample';
  readonly acrossEpochs: Sharing;
  /** Fills `out` with the four seed words and returns it. */
  seed(epoch: number, index: number, out: Uint32Array): Uint32Array;
}

export type StreamRule = RunRule | WorkerRule | SampleRule;

export type RuleOptions = Pick<LoaderOptions<unknown>, 'seed' | 'seedingMode' | 'loader' | 'constant'>;

function ruleOfMode({ seed, seedingMode, constant = seed }: RuleOptions): StreamRule {
  switch (seedingMode) {
    case 'single_process':
      return { scope: 'run', seed };
    case 'modern':
      return {
        scope: 'worker',
        acrossWorkers: 'fresh',
        acrossEpochs: 'fresh',
        seed: ({ baseSeed }, worker) => torchWorkerSeed(baseSeed, worker),
      };
    case 'inherited':
      return { scope: 'worker', acrossWorkers: 'same', acrossEpochs: 'same', seed: () => seed };
    case 'const_worker':
      return {
        scope: 'worker',
        acrossWorkers: 'fresh',
        acrossEpochs: 'same',
        seed: (_, worker) => (constant + worker) >>> 0,
      };
    case 'shared_fresh':
      return {
        scope: 'worker',
        acrossWorkers: 'same',
        acrossEpochs: 'fresh',
        seed: ({ epoch }) => seedWords([seed, epoch]),
      };
    case 'per_sample': {
      const words = [seed, 0, 0];
      return {
        scope: 'sample',
        acrossEpochs: 'fresh',
        seed: (epoch, index, out) => {
          words[1] = epoch;
          words[2] = index;
          return seedWords(words, out);
        },
      };
    }
    case 'fixed_per_sample': {
      const words = [seed, 0];
      return {
        scope: 'sample',
        acrossEpochs: 'same',
        seed: (_, index, out) => {
          words[1] = index;
          return seedWords(words, out);
        },
      };
    }
  }
}

/**
 * The rule of a loader's seeding mode. Without workers the samples are drawn in the parent, whose NumPy stream NP(S) no
 * worker mode touches: every worker mode is then single_process.
 * @throws WorkersNotAllowedError for single_process with workers.
 */
export function streamRule(options: RuleOptions): StreamRule {
  const { workers } = options.loader;
  const rule = ruleOfMode(options);
  if (rule.scope === 'run' && workers > 0) throw new WorkersNotAllowedError(workers);
  return rule.scope === 'worker' && workers === 0 ? { scope: 'run', seed: options.seed } : rule;
}
