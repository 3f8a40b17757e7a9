// Which seeds of an experiment share augmentation streams in a seeding mode, and so are no independent replicates.
import { countBatches } from './batches.ts';
import { baseSeedOfEpoch } from './epoch-order.ts';
import { checkWhole, type LoaderOptions } from './loader-options.ts';
import { type StreamRule, streamRule } from './stream-rule.ts';
import { nameOfStream, type StreamStart } from './stream-start.ts';

/** Streams that are compared; of an experiment with more, those of the first epochs are. 0.4 s. */
const COMPARED_STREAMS = 1 << 17;
/** Of more seeds, the first are compared: a stream that all share makes a pair of any two. */
const COMPARED_SEEDS = 500;
/** Pairs that are listed; all are counted. */
const LISTED_PAIRS = 20;

export interface StreamPlace {
  readonly epoch: number;
  readonly worker: number;
}

export interface SeedPair {
  readonly seeds: readonly [number, number];
  /** Streams that both read. */
  readonly sharedStreams: number;
  /** One of them, where each seed reads it first. */
  readonly places: readonly [StreamPlace, StreamPlace];
}

/** Plain JSON. */
export interface SeedCollisions {
  /** Different streams that each seed reads in the epochs compared. */
  readonly streamsPerSeed: number;
  readonly epochsCompared: number;
  readonly seedsCompared: number;
  /** Pairs of seeds that share streams; `pairs` lists the first of them. */
  readonly pairCount: number;
  readonly pairs: readonly SeedPair[];
}

/**
 * The stream's name, if two seeds can lead to it: more than 32 bits that hash the run's seed meet with a chance that
 * nobody will see, but a generator that was handed in gives every run the same.
 */
function nameIfShared(start: StreamStart, { generatorSeed }: LoaderOptions<unknown>): string | undefined {
  const short = start.generator === 'torch' || (start.generator === 'numpy' && typeof start.seed === 'number');
  return short || generatorSeed !== undefined ? nameOfStream(start) : undefined;
}

type Place = StreamPlace & { readonly seed: number };

/** Every stream of a run that another seed may read too. */
function* streamsOf(options: LoaderOptions<unknown>, rule: StreamRule, epochs: number): Generator<[string, Place]> {
  const { seed } = options;
  if (rule.scope === 'parent' || rule.scope === 'table') {
    const first = nameIfShared(rule.start, options);
    if (first !== undefined) yield [first, { seed, epoch: 0, worker: -1 }];
    return;
  }
  if (rule.scope === 'counter') return;
  const busy = Math.min(Math.max(1, options.loader.workers), countBatches(options));
  const persistent = rule.scope === 'persistent';
  for (let epoch = 0; epoch < (persistent ? 1 : epochs); epoch++) {
    const baseSeed = baseSeedOfEpoch(options, epoch, persistent ? 'once' : 'each_epoch');
    for (let worker = 0; worker < busy; worker++) {
      const stream = nameIfShared(rule.start({ epoch, baseSeed }, worker), options);
      if (stream === undefined) return;
      yield [stream, { seed, epoch, worker: options.loader.workers === 0 ? -1 : worker }];
    }
  }
}

/**
 * Compares the streams of all seeds; the `seed` of the options is not looked at.
 * @throws LoaderRangeError, WorkersNotAllowedError
 */
export function seedCollisions(
  options: Omit<LoaderOptions<unknown>, 'seed' | 'draws'>,
  { seeds, epochs }: { readonly seeds: readonly number[]; readonly epochs: number },
): SeedCollisions {
  checkWhole('epochs', epochs, 1, 0x7ffffffe);
  const compared = [...new Set(seeds)].slice(0, COMPARED_SEEDS);
  const perEpoch = Math.max(1, options.loader.workers) * compared.length;
  const epochsCompared = Math.min(epochs, Math.max(1, Math.floor(COMPARED_STREAMS / perEpoch)));
  const readers = new Map<string, Place[]>();
  let streamsPerSeed = 0;
  for (const seed of compared) {
    const run = { ...options, seed, draws: { sample: () => undefined } };
    const own = new Set<string>();
    for (const [stream, place] of streamsOf(run, streamRule(run), epochsCompared)) {
      if (own.has(stream)) continue;
      own.add(stream);
      const places = readers.get(stream);
      if (places === undefined) readers.set(stream, [place]);
      else places.push(place);
    }
    streamsPerSeed = Math.max(streamsPerSeed, own.size);
  }
  const pairs = pairsOf(readers);
  const seedsCompared = compared.length;
  return {
    streamsPerSeed,
    epochsCompared,
    seedsCompared,
    pairCount: pairs.length,
    pairs: pairs.slice(0, LISTED_PAIRS),
  };
}

/** Pairs in the order of their seeds. */
function pairsOf(readers: ReadonlyMap<string, readonly Place[]>): SeedPair[] {
  const pairs = new Map<string, SeedPair>();
  for (const places of readers.values()) {
    places.forEach((first, i) => {
      for (const second of places.slice(i + 1)) {
        const key = `${first.seed} ${second.seed}`;
        const known = pairs.get(key);
        const { seed: one, ...at } = first;
        const { seed: other, ...also } = second;
        pairs.set(key, {
          seeds: [one, other],
          sharedStreams: (known?.sharedStreams ?? 0) + 1,
          places: known?.places ?? [at, also],
        });
      }
    });
  }
  return [...pairs.values()].sort((a, b) => a.seeds[0] - b.seeds[0] || a.seeds[1] - b.seeds[1]);
}

const describePlace = ({ epoch, worker }: StreamPlace, seed: number): string =>
  `${worker < 0 ? 'the parent' : `worker ${worker}`} of epoch ${epoch} of seed ${seed}`;

/** One sentence that names the pairs, or nothing when no seeds share a stream. */
export function describeSeedCollisions(
  seedingMode: string,
  { streamsPerSeed, seedsCompared, pairCount, pairs }: SeedCollisions,
): string | undefined {
  const [first] = pairs;
  if (first === undefined) return undefined;
  const wholly = pairs.every(({ sharedStreams }) => sharedStreams === streamsPerSeed);
  if (wholly && pairCount === (seedsCompared * (seedsCompared - 1)) / 2) {
    return (
      `seedingMode ${seedingMode}: every seed reads the same ${streamsPerSeed} augmentation streams ` +
      `(seeds ${first.seeds.join(' and ')}, for one pair): more seeds replicate nothing of the augmentation`
    );
  }
  const named = pairs.map(
    ({ seeds: [one, other], sharedStreams }) => `${one} and ${other} (${sharedStreams} of ${streamsPerSeed})`,
  );
  const more = pairCount > pairs.length ? ` and ${pairCount - pairs.length} more pairs` : '';
  const [at, also] = first.places.map((place, i) => describePlace(place, first.seeds[i]));
  return (
    `seedingMode ${seedingMode}: seeds that share augmentation streams are no independent replicates: ` +
    `${named.join(', ')}${more}; ${at} reads the stream of ${also}. { "count": n, "master": m } spreads seeds`
  );
}
