// Sorts the streams of a trace into classes of equal ones and reads from their places which rule made them equal.
//
// Two streams are equal when they begin with the same run of blocks. A class whose members differ only in the worker says that
// workers share a state; only in the epoch: that epochs repeat; in both, without a member in between: that a seed such as
// S + epoch + worker was met again. Classes that a restart explains are left out.
import type { BlockRuns } from './block-runs.ts';
import type { TraceLayout } from './trace-layout.ts';

export type StreamPair = readonly [number, number];

export interface Relation {
  /** Equal pairs beyond what the pairs already counted imply. */
  coincidences: number;
  /** Streams that have an equal one. */
  streams: number;
  example: StreamPair | undefined;
}

export type RelationName =
  | 'workers'
  | 'epochs'
  | 'phases'
  | 'diagonal'
  | 'seeds'
  | 'seedOverlap'
  /** Runs without a seed label that draw the same. */
  | 'unlabelledRuns';

export interface StreamClasses {
  readonly relations: Readonly<Record<RelationName, Relation>>;
  /** Streams long enough to be compared. */
  readonly streams: number;
  /** Share of positions at which repeated epochs held the same sample, 0 to 1; 0 without repeated epochs. */
  readonly sameSampleShare: number;
}

const NAMES: readonly RelationName[] = [
  'workers',
  'epochs',
  'phases',
  'diagonal',
  'seeds',
  'seedOverlap',
  'unlabelledRuns',
];

/** Joins members that share a key. */
class Joining {
  readonly #parent: number[];
  #parts: number;

  constructor(members: number) {
    this.#parent = Array.from({ length: members }, (_, member) => member);
    this.#parts = members;
  }

  get parts(): number {
    return this.#parts;
  }

  find(member: number): number {
    let root = member;
    while (this.#parent[root] !== root) root = this.#parent[root] = this.#parent[this.#parent[root]];
    return root;
  }

  join(buckets: Iterable<readonly number[]>): this {
    for (const [first, ...rest] of buckets) {
      for (const member of rest) {
        const [a, b] = [this.find(first), this.find(member)];
        if (a === b) continue;
        this.#parent[b] = a;
        this.#parts--;
      }
    }
    return this;
  }
}

function bucketsOf(members: number, keyOf: (member: number) => string): number[][] {
  const buckets = new Map<string, number[]>();
  for (let member = 0; member < members; member++) {
    const key = keyOf(member);
    const bucket = buckets.get(key);
    if (bucket === undefined) buckets.set(key, [member]);
    else bucket.push(member);
  }
  return [...buckets.values()];
}

export function classifyStreams(layout: TraceLayout, runs: BlockRuns, restarted: Uint8Array): StreamClasses {
  const { start, superseded, block, index } = layout;
  const classes = new Map<number, number[]>();
  let streams = 0;
  for (let s = 0; s + 1 < start.length; s++) {
    const run = runs.run[start[s]];
    if (run < 0 || superseded[start[s]] === 1) continue;
    streams++;
    if (restarted[run] === 1) continue;
    const members = classes.get(run);
    if (members === undefined) classes.set(run, [s]);
    else members.push(s);
  }
  const relations = Object.fromEntries(
    NAMES.map((name) => [name, { coincidences: 0, streams: 0, example: undefined }]),
  ) as unknown as Record<RelationName, Relation>;
  let positions = 0;
  let sameSamples = 0;
  const compareSamples = ([first, ...rest]: readonly number[]): void => {
    for (const other of rest) {
      const common = Math.min(start[first + 1] - start[first], start[other + 1] - start[other]);
      for (let t = 0; t < common && block[start[first] + t] === block[start[other] + t]; t++) {
        positions++;
        if (index[start[first] + t] === index[start[other] + t]) sameSamples++;
      }
    }
  };
  // Examples name the earlier epoch first.
  const { epoch } = layout.sequences;
  for (const members of classes.values())
    if (members.length > 1)
      relate(
        layout,
        members.sort((a, b) => epoch[a] - epoch[b] || a - b),
        { relations, compareSamples },
      );
  return { relations, streams, sameSampleShare: positions === 0 ? 0 : sameSamples / positions };
}

function note(relation: Relation, coincidences: number, members: readonly number[]): void {
  if (coincidences <= 0) return;
  relation.coincidences += coincidences;
  relation.streams += members.length;
  relation.example ??= [members[0], members[members.length - 1]];
}

function relate(
  { sequences: { replicate, phase, epoch, worker }, replicates }: TraceLayout,
  members: readonly number[],
  {
    relations,
    compareSamples,
  }: {
    readonly relations: Readonly<Record<RelationName, Relation>>;
    readonly compareSamples: (members: readonly number[]) => void;
  },
): void {
  const of = (bucket: readonly number[]) => bucket.map((member) => members[member]);
  const buckets = (keyOf: (s: number) => string) => bucketsOf(members.length, (member) => keyOf(members[member]));
  const seedOf = (s: number) => replicates[replicate[s]].seed;

  const sameEpoch = buckets((s) => `${replicate[s]} ${phase[s]} ${epoch[s]}`);
  for (const bucket of sameEpoch) note(relations.workers, bucket.length - 1, of(bucket));
  const sameWorker = buckets((s) => `${replicate[s]} ${phase[s]} ${worker[s]}`);
  for (const bucket of sameWorker) {
    note(relations.epochs, bucket.length - 1, of(bucket));
    compareSamples(of(bucket));
  }
  const workerOfRun = buckets((s) => `${replicate[s]} ${worker[s]}`);
  for (const bucket of workerOfRun) {
    const equal = of(bucket);
    const phases = new Set(equal.map((s) => phase[s]));
    note(relations.phases, phases.size - 1, equal);
    if (phases.size > 1) compareSamples(equal);
  }
  const inRun = new Joining(members.length).join(sameEpoch).join(workerOfRun);
  const ofRun = buckets((s) => `${replicate[s]}`);
  for (const bucket of ofRun) {
    const parts = bucketsOf(bucket.length, (i) => `${inRun.find(bucket[i])}`);
    if (parts.length > 1) note(relations.diagonal, parts.length - 1, of(parts.map(([first]) => bucket[first])));
  }
  if (ofRun.length === 1) return;

  const samePlace = buckets((s) => `${phase[s]} ${epoch[s]} ${worker[s]}`);
  for (const bucket of samePlace) {
    const equal = of(bucket);
    const labelled = equal.filter((s) => seedOf(s) !== null);
    note(relations.seeds, new Set(labelled.map((s) => String(seedOf(s)))).size - 1, labelled);
    note(relations.unlabelledRuns, equal.length - labelled.length - 1, equal);
  }
  const labelled = members.filter((s) => seedOf(s) !== null);
  const across = new Joining(labelled.length)
    .join(bucketsOf(labelled.length, (i) => String(seedOf(labelled[i]))))
    .join(bucketsOf(labelled.length, (i) => `${phase[labelled[i]]} ${epoch[labelled[i]]} ${worker[labelled[i]]}`));
  if (across.parts < 2) return;
  const parts = bucketsOf(labelled.length, (i) => `${across.find(i)}`).map(([first]) => labelled[first]);
  note(relations.seedOverlap, across.parts - 1, parts);
}
