// Names a draw block by 96 bits and notices whether blocks hold raw generator words.
import { hash } from 'node:crypto';
import type { DrawValue, TraceLine } from './read-trace-line.ts';
import { TupleTable } from './tuple-table.ts';

/** Blocks looked at; more would not change the answer. */
const SURVEYED = 4096;
const RAW_FROM = 2 ** 24;
/** A double written with fewer digits was rounded, so its bits are not those of a generator. */
const RAW_DIGITS = 9;

function isRaw(value: number): boolean {
  if (Number.isInteger(value)) return Math.abs(value) >= RAW_FROM;
  return Math.fround(value) !== value && String(value).replace(/e.*|\D/g, '').length >= RAW_DIGITS;
}

function firstRaw(values: readonly DrawValue[]): number | undefined {
  for (const value of values) {
    const raw = typeof value === 'number' ? (isRaw(value) ? value : undefined) : undefined;
    const found = raw ?? (Array.isArray(value) ? firstRaw(value) : undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Values below 2^24 that a raw 32-bit word may have, and more of them than chance gives. */
const MOST_PLAIN = 0.05;

/** Gives equal draw blocks the same number. Two different ones meet with probability 2^−96 per pair. */
export class DrawBlocks {
  readonly #table = new TupleTable(3);
  /** Per surveyed block whether it holds a large number. */
  readonly #isLarge = new Uint8Array(SURVEYED);
  readonly #largeValues = new Set<number>();
  /** Blocks and lines, without and with a large number. */
  readonly #blocks: [number, number] = [0, 0];
  readonly #lines: [number, number] = [0, 0];

  get distinct(): number {
    return this.#table.size;
  }

  /**
   * Whether every line holds a number of more than 24 bits that differs from block to block, so that unrelated blocks are
   * equal with probability 2^−24 or less. A few smaller numbers are no objection as long as they occur no more often.
   */
  get holdRawWords(): boolean {
    const [plainBlocks, largeBlocks] = this.#blocks;
    const [plainLines, largeLines] = this.#lines;
    const usual = (2 * largeLines) / Math.max(1, largeBlocks);
    return (
      this.#largeValues.size >= Math.max(2, 0.9 * largeBlocks) &&
      plainLines <= MOST_PLAIN * (plainLines + largeLines) &&
      plainLines <= plainBlocks * usual
    );
  }

  /** Whether most lines hold a number of more than 24 bits. */
  get holdLargeNumbers(): boolean {
    return this.#lines[1] > this.#lines[0];
  }

  blockOf({ draws, digest }: TraceLine): number {
    // Canonical enough: JSON.parse has removed every freedom of notation, and JSON.stringify writes one form.
    const text = draws === undefined ? `digest ${digest}` : JSON.stringify(draws);
    const name = hash('sha256', text, 'binary');
    const before = this.#table.size;
    const block = this.#table.idOf(wordAt(name, 0), wordAt(name, 4), wordAt(name, 8));
    if (block < SURVEYED) {
      if (block === before) this.#survey(block, draws ?? []);
      this.#lines[this.#isLarge[block] as 0 | 1]++;
    }
    return block;
  }

  #survey(block: number, draws: readonly DrawValue[]): void {
    const large = firstRaw(draws);
    this.#blocks[large === undefined ? 0 : 1]++;
    if (large === undefined) return;
    this.#isLarge[block] = 1;
    this.#largeValues.add(large);
  }
}

function wordAt(bytes: string, at: number): number {
  return (
    bytes.charCodeAt(at) |
    (bytes.charCodeAt(at + 1) << 8) |
    (bytes.charCodeAt(at + 2) << 16) |
    (bytes.charCodeAt(at + 3) << 24)
  );
}
