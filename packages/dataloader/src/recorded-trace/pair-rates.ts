// Counts equal blocks among structured pairs of lines and holds the rate against control pairs that differ in one respect.
//
// This serves where streams are too short to be compared as wholes, and for draws that follow the sample instead of the
// stream. Every relation has its own control, e.g. workers: same epoch, same position, against same epoch, another position.
import { CHANCE_NATS, divergence, RAW_COLLISION, upperRate } from './chance.ts';
import type { TraceLayout } from './trace-layout.ts';
import { TupleTable } from './tuple-table.ts';

export interface PairCount {
  readonly candidates: number;
  readonly matches: number;
  /** Pairs that do not follow from the others: n lines that agree are n − 1, though n·(n − 1)/2 pairs. */
  readonly witnesses: number;
}

export const NO_PAIRS: PairCount = { candidates: 0, matches: 0, witnesses: 0 };

export interface PairRate {
  readonly structured: PairCount;
  readonly control: PairCount;
  /** Whether the structured pairs are equal far more often than the control pairs. */
  readonly found: boolean;
  /** Whether enough pairs were there to find a relation that holds throughout. */
  readonly testable: boolean;
}

/** Share of the structured pairs that must be equal for another reason than chance. */
const LEAST_EXCESS = 0.1;

export type LineKey = (line: number) => number;

/** Counts the pairs of lines that agree in all of some keys, and those of them with equal blocks. */
export class PairCounter {
  readonly #layout: TraceLayout;
  readonly #included: (line: number) => boolean;
  /** Lines that are counted. */
  readonly lines: number;

  constructor(layout: TraceLayout, included: (line: number) => boolean) {
    this.#layout = layout;
    this.#included = included;
    this.lines = layout.block.reduce((lines, _, line) => lines + (included(line) ? 1 : 0), 0);
  }

  sharing(...of: readonly LineKey[]): PairCount {
    const { block } = this.#layout;
    const [a, b = zero, c = zero, d = zero, ...more] = of;
    const keys = new TupleTable(4);
    const extended = more.map(() => new TupleTable(2));
    const blocks = new TupleTable(2);
    const ofKey = new Counts();
    const ofBlock = new Counts();
    let candidates = 0;
    let matches = 0;
    for (let line = 0; line < block.length; line++) {
      if (!this.#included(line)) continue;
      let key = keys.idOf(a(line), b(line), c(line), d(line));
      for (let i = 0; i < more.length; i++) key = extended[i].idOf(key, more[i](line));
      candidates += ofKey.next(key);
      matches += ofBlock.next(blocks.idOf(key, block[line]));
    }
    return { candidates, matches, witnesses: this.lines - ofKey.distinct };
  }
}

const zero: LineKey = () => 0;

class Counts {
  #counts = new Int32Array(1024);
  distinct = 0;

  /** How often `id` was asked for before. */
  next(id: number): number {
    if (id >= this.#counts.length) {
      const larger = new Int32Array(Math.max(id + 1, this.#counts.length * 2));
      larger.set(this.#counts);
      this.#counts = larger;
    }
    if (this.#counts[id] === 0) this.distinct++;
    return this.#counts[id]++;
  }
}

/** Pairs of the first kind that are not of the others. */
export function without(all: PairCount, ...others: readonly PairCount[]): PairCount {
  let { candidates, matches } = all;
  for (const other of others) {
    candidates -= other.candidates;
    matches -= other.matches;
  }
  return { candidates, matches, witnesses: Math.min(all.witnesses, candidates) };
}

export function plus(a: PairCount, b: PairCount): PairCount {
  return {
    candidates: a.candidates + b.candidates,
    matches: a.matches + b.matches,
    witnesses: a.witnesses + b.witnesses,
  };
}

/**
 * @param copies how often each block occurs for reasons that are known already: copies are no witnesses
 * @param nats evidence that a finding needs
 */
export function compareRates(
  structured: PairCount,
  control: PairCount,
  {
    rawWords,
    copies = 1,
    nats = CHANCE_NATS,
  }: { readonly rawWords: boolean; readonly copies?: number; readonly nats?: number },
): PairRate {
  let base = upperRate(control.matches, control.candidates);
  if (rawWords && control.matches === 0) base = Math.min(base, RAW_COLLISION);
  const witnesses = structured.witnesses / copies;
  const rate = structured.candidates === 0 ? 0 : structured.matches / structured.candidates;
  const excess = base < 1 ? (rate - base) / (1 - base) : 0;
  return {
    structured,
    control,
    found: excess >= LEAST_EXCESS && witnesses * divergence(rate, base) >= nats,
    testable: witnesses * divergence(1, base) >= nats,
  };
}
