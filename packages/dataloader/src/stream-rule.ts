// What each seeding mode means: which stream serves which sample. The only branch on seedingMode.
import { jax, type JaxKey, SeedSequence, seedWords, torchWorkerSeed } from '@reseed/rng';
import type { EpochOrder } from './epoch-order.ts';
import { WorkersNotAllowedError } from './errors.ts';
import type { LoaderOptions } from './loader-options.ts';
import { numpyStart, type StreamStart } from './stream-start.ts';

/** Whether two workers get the same stream or each its own. */
export type AcrossWorkers = 'same' | 'fresh';
/** diagonal: stream(e, w) = stream(e + 1, w − 1). shifted: one sequence, each epoch from a later place of it. */
export type AcrossEpochs = 'same' | 'fresh' | 'diagonal' | 'shifted';

/** One stream in the parent process, which goes on over the epochs. */
export interface ParentRule {
  readonly scope: 'parent';
  readonly start: StreamStart;
  /** What else reads the stream before an epoch. */
  readonly before: 'nothing' | 'five_doubles' | 'torch_order';
}

/** A stream per (epoch, worker), which lasts for the epoch. The first two kinds of sharing make the 2 × 2 factorial. */
export interface WorkerRule {
  readonly scope: 'worker';
  readonly acrossWorkers: AcrossWorkers;
  readonly acrossEpochs: AcrossEpochs;
  /** Seeds of streams that should differ are 32-bit hashes: two may be equal by chance. */
  readonly hashed32?: true;
  start(order: Pick<EpochOrder, 'epoch' | 'baseSeed'>, worker: number): StreamStart;
  /** Words of the stream that the parent has consumed before the workers copy it. */
  skipped?(epoch: number): number;
}

/** A stream per worker, seeded in the first epoch, which goes on over the epochs (persistent_workers=True). */
export interface PersistentRule {
  readonly scope: 'persistent';
  readonly acrossWorkers: AcrossWorkers;
  start(order: Pick<EpochOrder, 'baseSeed'>, worker: number): StreamStart;
}

/** A stream per (epoch, sample, copy) and per (epoch, batch), whatever the workers, batches and order are. */
export interface CounterRule {
  readonly scope: 'counter';
  readonly generator: 'numpy' | 'jax';
  readonly acrossEpochs: 'same' | 'fresh';
  /** Whether samples have streams too. */
  readonly serves: 'samples and batches' | 'batches';
  /** Fills `out` with four words that name the stream: its seed, or its JAX key and zeros. */
  sample(epoch: number, index: number, copy: number, out: Uint32Array): Uint32Array;
  batch(epoch: number, batch: number, out: Uint32Array): Uint32Array;
}

/** The parent draws the options of all samples before each epoch, from a stream that goes on. */
export interface TableRule {
  readonly scope: 'table';
  readonly start: StreamStart;
}

export type StreamRule = ParentRule | WorkerRule | PersistentRule | CounterRule | TableRule;

export type RuleOptions = Pick<LoaderOptions<unknown>, 'seed' | 'seedingMode' | 'loader' | 'constant'>;

/** After any array seed, which torch ≥ 1.9 gives NumPy in a worker, `np.random.get_state()[1][0]` is this word. */
const ARRAY_SEEDED_FIRST_WORD = 0x80000000;
const LOW_WORD = 0xffffffffn;
/** inherited_main_draws: words of the five doubles that the parent draws before each epoch. */
export const FIVE_DOUBLES = 10;
/** The fourth word of a batch's stream, and one less than that of an image's second copy. */
const BATCH = 1;

const low32 = (value: number): number => value >>> 0;
const workers = (acrossWorkers: AcrossWorkers, acrossEpochs: AcrossEpochs, start: WorkerRule['start']): WorkerRule => ({
  scope: 'worker',
  acrossWorkers,
  acrossEpochs,
  start,
});
const fresh = (start: WorkerRule['start']): WorkerRule => workers('fresh', 'fresh', start);
const hashed = (start: WorkerRule['start']): WorkerRule => ({ ...fresh(start), hashed32: true });
const repeating = (start: WorkerRule['start']): WorkerRule => workers('fresh', 'same', start);
const persistent = (acrossWorkers: AcrossWorkers, start: PersistentRule['start']): PersistentRule => ({
  scope: 'persistent',
  acrossWorkers,
  start,
});

function numpyCounter(seed: number, acrossEpochs: CounterRule['acrossEpochs']): CounterRule {
  const words = new Uint32Array([seed, 0, 0, 0]);
  const fill = (first: number, second: number, third: number, out: Uint32Array) => {
    words[1] = first;
    words[2] = second;
    words[3] = third;
    return seedWords(words, out);
  };
  return {
    scope: 'counter',
    generator: 'numpy',
    acrossEpochs,
    serves: 'samples and batches',
    // SeedSequence pads with zeros: SS(S, e, i, 0) = SS(S, e, i), and SS(S, i, 0, 0) = SS(S, i).
    sample:
      acrossEpochs === 'fresh'
        ? (epoch, index, copy, out) => fill(epoch, index, copy === 0 ? 0 : copy + BATCH, out)
        : (_, index, copy, out) => (copy === 0 ? fill(index, 0, 0, out) : fill(0, index, copy + BATCH, out)),
    batch: (epoch, batch, out) => fill(acrossEpochs === 'fresh' ? epoch : 0, batch, BATCH, out),
  };
}

function jaxCounter(seed: number): CounterRule {
  const fill = (key: JaxKey, out: Uint32Array) => {
    out.fill(0);
    out.set(key);
    return out;
  };
  let epochKey: { readonly epoch: number; readonly key: JaxKey } | undefined;
  const keyOf = (epoch: number, number: number): JaxKey => {
    if (epochKey?.epoch !== epoch) epochKey = { epoch, key: jax.foldIn(jax.prngKey(seed), epoch) };
    return jax.foldIn(epochKey.key, number);
  };
  return {
    scope: 'counter',
    generator: 'jax',
    acrossEpochs: 'fresh',
    serves: 'samples and batches',
    sample(epoch, index, copy, out) {
      const key = keyOf(epoch, index);
      return fill(copy === 0 ? key : jax.foldIn(key, copy + BATCH), out);
    },
    batch: (epoch, batch, out) => fill(jax.foldIn(keyOf(epoch, batch), BATCH), out),
  };
}

function ruleOfMode({ seed, seedingMode, constant = seed }: RuleOptions): StreamRule {
  switch (seedingMode) {
    case 'single_process':
      return { scope: 'parent', start: numpyStart(seed), before: 'nothing' };
    case 'modern':
      return fresh(({ baseSeed }, worker) => numpyStart(torchWorkerSeed(baseSeed, worker)));
    case 'seed_sequence_rkern':
      return fresh(({ baseSeed }, worker) => sequenceStart(worker, baseSeed));
    case 'lightning':
      return fresh(({ baseSeed }, worker) => sequenceStart(baseSeed, worker, 0));
    case 'docs_seed_worker':
      return hashed(({ baseSeed }, worker) => numpyStart(Number((baseSeed + BigInt(worker)) & LOW_WORD)));
    case 'initial_seed_div32':
      return hashed(({ baseSeed }, worker) => numpyStart(Number((baseSeed + BigInt(worker)) >> 32n) + worker));
    case 'torch_rng':
      return hashed(({ baseSeed }, worker) => ({ generator: 'torch', seed: baseSeed + BigInt(worker) }));
    case 'python_rng':
      return fresh(({ baseSeed }, worker) => ({ generator: 'python', seed: baseSeed + BigInt(worker) }));
    case 'inherited':
      return workers('same', 'same', () => numpyStart(seed));
    case 'inherited_main_draws':
      return {
        ...workers('same', 'shifted', () => numpyStart(seed)),
        skipped: (epoch) => FIVE_DOUBLES * (epoch + 1),
      };
    case 'inherited_persistent':
      return persistent('same', () => numpyStart(seed));
    case 'modern_persistent':
      return persistent('fresh', ({ baseSeed }, worker) => numpyStart(torchWorkerSeed(baseSeed, worker)));
    case 'const_worker':
      return repeating((_, worker) => numpyStart(low32(constant + worker)));
    case 'const_worker_persistent':
      return persistent('fresh', (_, worker) => numpyStart(low32(constant + worker)));
    case 'blog_state0':
      return repeating((_, worker) => numpyStart(low32(seed + worker)));
    case 'blog_epoch':
      return workers('fresh', 'diagonal', ({ epoch }, worker) => numpyStart(low32(seed + epoch + worker)));
    case 'blog_state0_on_modern':
    case 'blog_epoch_on_modern':
      return repeating((_, worker) => numpyStart(ARRAY_SEEDED_FIRST_WORD + worker));
    case 'shared_fresh':
      return workers('same', 'fresh', ({ epoch }) => numpyStart(seedWords([seed, epoch])));
    case 'main_precomputed':
      return { scope: 'table', start: numpyStart(seed) };
    case 'per_sample':
      return numpyCounter(seed, 'fresh');
    case 'fixed_per_sample':
      return numpyCounter(seed, 'same');
    case 'per_batch':
      return { ...numpyCounter(seed, 'fresh'), serves: 'batches' };
    case 'jax_fold_in':
      return jaxCounter(seed);
  }
}

const sequenceStart = (...entropy: readonly (number | bigint)[]): StreamStart =>
  numpyStart(new SeedSequence(entropy).generateState(4));

/** What draws in the parent when there are no workers: its own stream, with the hooks that still run there. */
function ruleWithoutWorkers({ seed, seedingMode }: RuleOptions): StreamRule {
  if (seedingMode === 'blog_epoch' || seedingMode === 'blog_epoch_on_modern') {
    return fresh(({ epoch }) => numpyStart(low32(seed + epoch)));
  }
  const parent = (start: StreamStart, before: ParentRule['before']): ParentRule => ({ scope: 'parent', start, before });
  if (seedingMode === 'inherited_main_draws') return parent(numpyStart(seed), 'five_doubles');
  if (seedingMode === 'torch_rng') return parent({ generator: 'torch', seed: BigInt(seed) }, 'torch_order');
  if (seedingMode === 'python_rng') return parent({ generator: 'python', seed: BigInt(seed) }, 'nothing');
  return parent(numpyStart(seed), 'nothing');
}

/**
 * The rule of a loader's seeding mode. Without workers the samples are drawn in the parent, whose streams no worker mode
 * touches: every worker mode is then single_process, but for what the mode does in the parent itself.
 * @throws WorkersNotAllowedError for single_process with workers.
 */
export function streamRule(options: RuleOptions): StreamRule {
  const rule = ruleOfMode(options);
  const count = options.loader.workers;
  if (rule.scope === 'parent' && count > 0) throw new WorkersNotAllowedError(count);
  const ofWorkers = rule.scope === 'worker' || rule.scope === 'persistent';
  return ofWorkers && count === 0 ? ruleWithoutWorkers(options) : rule;
}
