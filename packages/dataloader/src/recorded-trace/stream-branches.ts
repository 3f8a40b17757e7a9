// Finds the places at which one stream jumps into another or into itself: restarts and shifted windows.
//
// Take all places at which the same run of blocks begins. Where the blocks before them differ as well as agree from there on,
// streams meet: one of them was set to a state that had been used before. Inside one epoch of one worker that is a generator
// which was seeded again. Across epochs it is one as well, unless the places look like windows of one long sequence: each
// later epoch begins further along, so that its window meets the earlier one at a smaller position.
import type { BlockRuns } from './block-runs.ts';
import type { RunGroups } from './run-groups.ts';
import type { TraceLayout } from './trace-layout.ts';

export type LinePair = readonly [number, number];

interface Meeting {
  readonly lines: Int32Array;
  readonly example: LinePair;
  readonly fromStart: boolean;
}

export interface StreamBranches {
  /** Per run of blocks: 1 if a restart leads to it. */
  readonly restarted: Uint8Array;
  /** Lines that a restart made repeat others. */
  readonly restartLines: number;
  readonly restart: LinePair | undefined;
  /** Streams of different seeds that become one: the same restart in both. */
  readonly seedMerge: LinePair | undefined;
  /** A window that begins inside an earlier one. */
  readonly shift: LinePair | undefined;
  /** Windows that meet inside both: shifted windows that fall into step, or restarts. */
  readonly meeting: LinePair | undefined;
  readonly resume: LinePair | undefined;
  readonly seedShift: LinePair | undefined;
}

/** One way to come to a run of blocks: the members that share what went before. */
interface Arrival {
  readonly line: number;
  readonly epoch: number;
  readonly worker: number;
  readonly position: number;
  readonly phase: number;
  /** Whether one of them lies at the start of its sequence, or so near that the run before does not fit in. */
  fromStart: boolean;
}

/** Members that share what went before, in their own epoch or in the worker's whole stream, get the same number. */
class Arrivals {
  readonly #parent: number[] = [];
  readonly #byContext = new Map<number, number>();

  find(member: number): number {
    let root = member;
    while (this.#parent[root] !== root) root = this.#parent[root];
    this.#parent[member] = root;
    return root;
  }

  add(member: number, contexts: readonly number[]): void {
    this.#parent[member] = member;
    for (const context of contexts) {
      const other = this.#byContext.get(context);
      if (other === undefined) this.#byContext.set(context, member);
      else this.#parent[this.find(member)] = this.find(other);
    }
  }
}

/** Share of the lines that restarts may leave over. */
const LEFT_OVER = 0.1;

export function findBranches(layout: TraceLayout, runs: BlockRuns, groups: RunGroups): StreamBranches {
  return new BranchSearch(layout, runs).search(groups);
}

class BranchSearch {
  readonly #layout: TraceLayout;
  readonly #runs: BlockRuns;
  readonly #restarted: Uint8Array;
  readonly #restartAt: Uint8Array;
  #restartLines = 0;
  #restart: LinePair | undefined;
  #seedMerge: LinePair | undefined;
  #seedShift: LinePair | undefined;
  #resume: LinePair | undefined;
  readonly #meetings: Meeting[] = [];

  constructor(layout: TraceLayout, runs: BlockRuns) {
    this.#layout = layout;
    this.#runs = runs;
    this.#restarted = new Uint8Array(runs.distinct);
    this.#restartAt = new Uint8Array(layout.block.length);
  }

  search({ lines, start }: RunGroups): StreamBranches {
    for (let id = 0; id + 1 < start.length; id++) {
      if (start[id + 1] - start[id] < 2) continue;
      const members = lines.subarray(start[id], start[id + 1]);
      if (this.#isPlain(members)) continue;
      this.#branch(id, members);
    }
    // Restarts in quick succession leave stretches too short to name; what is left then is no finding of its own.
    const apart = this.#meetings.filter(({ lines: met }) => !met.some((line) => this.#isNearRestart(line)));
    const met = apart.reduce((sum, { lines: ofMeeting }) => sum + ofMeeting.length, 0);
    const own = this.#restartLines === 0 || met > Math.max(this.#restartLines, LEFT_OVER * this.#restartAt.length);
    const unexplained = own ? apart : [];
    return {
      restarted: this.#restarted,
      restartLines: this.#restartLines,
      restart: this.#restart,
      seedMerge: this.#seedMerge,
      seedShift: this.#seedShift,
      resume: this.#resume,
      shift: unexplained.find(({ fromStart }) => fromStart)?.example,
      meeting: unexplained.find(({ fromStart }) => !fromStart)?.example,
    };
  }

  #position(line: number): number {
    return line - this.#layout.start[this.#layout.sequenceOf[line]];
  }

  /** What went before in the line's own epoch: −1 = nothing. */
  #context(line: number): number {
    const { length, run, before } = this.#runs;
    const position = this.#position(line);
    if (position === 0) return -1;
    if (position >= length) return before[line];
    // The run here and the run at the start together tell all blocks before.
    return -2 - position - length * (run[line - position] + 1);
  }

  /** Whether all come from the same past and from different sequences, as equal streams do. */
  #isPlain(members: Int32Array): boolean {
    const { sequenceOf } = this.#layout;
    const context = this.#context(members[0]);
    for (let i = 1; i < members.length; i++) {
      if (sequenceOf[members[i]] === sequenceOf[members[i - 1]] || this.#context(members[i]) !== context) return false;
    }
    return true;
  }

  #branch(id: number, members: Int32Array): void {
    const { sequences, sequenceOf } = this.#layout;
    const arrivals = new Arrivals();
    members.forEach((line, member) => {
      const whole = this.#runs.before[line];
      arrivals.add(member, whole < 0 ? [this.#context(line)] : [this.#context(line), whole]);
    });
    const replicateOf = (member: number) => sequences.replicate[sequenceOf[members[member]]];
    for (let from = 0; from < members.length; ) {
      let to = from + 1;
      while (to < members.length && replicateOf(to) === replicateOf(from)) to++;
      if (to - from > 1) this.#branchInRun(id, members.subarray(from, to), (member) => arrivals.find(from + member));
      from = to;
    }
    if (this.#restarted[id] === 0 && replicateOf(0) !== replicateOf(members.length - 1))
      this.#branchBetweenSeeds(id, members, (member) => arrivals.find(member));
  }

  #branchInRun(id: number, members: Int32Array, arrivalOf: (member: number) => number): void {
    const { sequences, sequenceOf } = this.#layout;
    let repeated: LinePair | undefined;
    const byArrival = new Map<number, Arrival>();
    members.forEach((line, member) => {
      const sequence = sequenceOf[line];
      if (member > 0 && sequenceOf[members[member - 1]] === sequence) repeated ??= [members[member - 1], line];
      const position = this.#position(line);
      const epoch = sequences.epoch[sequence];
      const arrival = byArrival.get(arrivalOf(member));
      const fromStart = position < this.#runs.length || (arrival?.fromStart ?? false);
      if (arrival === undefined || epoch < arrival.epoch)
        byArrival.set(arrivalOf(member), {
          line,
          epoch,
          worker: sequences.worker[sequence],
          phase: sequences.phase[sequence],
          position,
          fromStart,
        });
      else arrival.fromStart = fromStart;
    });
    const arrivals = [...byArrival.values()].sort((a, b) => a.epoch - b.epoch || b.position - a.position);
    if (repeated === undefined && arrivals.length < 2) return;
    const example: LinePair = repeated ?? [arrivals[0].line, arrivals[1].line];
    const resumed = arrivals.at(-1);
    if (repeated === undefined && areWindows(arrivals)) {
      if (resumed?.fromStart && arrivals.every((a) => a === resumed || a.phase < resumed.phase))
        this.#resume ??= example;
      else this.#meetings.push({ lines: members, example, fromStart: arrivals.some((a) => a.fromStart) });
      return;
    }
    this.#restarted[id] = 1;
    this.#restartLines += members.length - 1;
    this.#restart ??= example;
    for (const line of members) this.#restartAt[line] = 1;
  }

  #branchBetweenSeeds(id: number, members: Int32Array, arrivalOf: (member: number) => number): void {
    const { sequences, sequenceOf, replicates } = this.#layout;
    const seedOf = (line: number) => replicates[sequences.replicate[sequenceOf[line]]].seed;
    const first = seedOf(members[0]);
    const other = members.findIndex((line, member) => seedOf(line) !== first && arrivalOf(member) !== arrivalOf(0));
    if (first === null || other < 0 || seedOf(members[other]) === null) return;
    const example: LinePair = [members[0], members[other]];
    if (example.some((line) => this.#position(line) === 0)) {
      this.#seedShift ??= example;
      return;
    }
    this.#restarted[id] = 1;
    this.#seedMerge ??= example;
    for (const line of members) this.#restartAt[line] = 1;
  }

  /** Whether a restart lies within one run of blocks: then chance made a few blocks around it equal, or it is the same event. */
  #isNearRestart(line: number): boolean {
    const { start, sequenceOf } = this.#layout;
    const first = Math.max(line - this.#runs.length + 1, start[sequenceOf[line]]);
    const end = Math.min(line + this.#runs.length, start[sequenceOf[line] + 1]);
    for (let at = first; at < end; at++) if (this.#restartAt[at] === 1) return true;
    return false;
  }
}

/**
 * Whether these can be windows of one sequence: each later epoch meets the others at a smaller position. Inside one epoch the
 * positions fall, or rise, from worker to worker, and one window begins here.
 * @param arrivals by epoch, larger positions first
 */
function areWindows(arrivals: readonly Arrival[]): boolean {
  const falling = arrivals.every((arrival, i) => i === 0 || arrival.position < arrivals[i - 1].position);
  const directions = arrivals.flatMap((arrival, i) =>
    i > 0 && arrival.epoch === arrivals[i - 1].epoch ? [Math.sign(arrival.worker - arrivals[i - 1].worker)] : [],
  );
  if (directions.length === 0) return falling;
  return falling && new Set(directions).size === 1 && arrivals.some(({ fromStart }) => fromStart);
}
