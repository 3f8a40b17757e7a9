// Reads one line of a recorded trace and refuses what the format does not allow.
import { TraceLineError } from './errors.ts';

export type DrawValue = number | string | boolean | readonly DrawValue[];

export interface TraceLine {
  readonly epoch: number;
  /** −1 = the main process. */
  readonly worker: number;
  readonly index: number;
  readonly draws: readonly DrawValue[] | undefined;
  readonly digest: string | undefined;
  readonly run: string | number | undefined;
  readonly seed: string | number | undefined;
  readonly resume: number | string | boolean | undefined;
  readonly batch: number | undefined;
}

/** Epochs, workers, indices and batches are stored as signed 32-bit numbers. */
const LARGEST = 2_147_483_647;
const LONGEST_LABEL = 200;
const DEEPEST = 32;
const SHOWN = 60;

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, 2 * SHOWN)) : briefly(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

function briefly(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/** The fields of one parsed line. */
class FieldReader {
  constructor(
    readonly line: number,
    readonly fields: Readonly<Record<string, unknown>>,
  ) {}

  fail(field: string, value: unknown, allowed: string): never {
    throw new TraceLineError(this.line, field, shown(value), allowed);
  }

  whole(field: string, least: number): number {
    const value = this.fields[field];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > LARGEST)
      return this.fail(field, value, `a whole number from ${least} to ${LARGEST}`);
    return value;
  }

  label(field: string): string | number {
    const value = this.fields[field];
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    if (typeof value === 'string' && value !== '' && value.length <= LONGEST_LABEL) return value;
    return this.fail(field, value, `a number or a text of 1 to ${LONGEST_LABEL} characters`);
  }

  resume(): number | string | boolean {
    const value = this.fields['resume'];
    if (typeof value === 'boolean') return value;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= LARGEST) return value;
    if (typeof value === 'string' && value.length <= LONGEST_LABEL) return value;
    return this.fail(
      'resume',
      value,
      `true, false, a whole number from 0 to ${LARGEST} or a text of at most ${LONGEST_LABEL} characters`,
    );
  }

  draws(): readonly DrawValue[] {
    const value = this.fields['draws'];
    if (!Array.isArray(value)) return this.fail('draws', value, 'an array of numbers, texts, booleans and arrays');
    if (this.#leaves(value, 'draws', 1) === 0) return this.fail('draws', value, 'at least one value');
    return value;
  }

  #leaves(values: readonly unknown[], path: string, depth: number): number {
    if (depth > DEEPEST) return this.fail('draws', 'deeper arrays', `arrays nested at most ${DEEPEST} deep`);
    let leaves = 0;
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (typeof value === 'number') {
        if (!Number.isFinite(value)) this.fail(`${path}[${i}]`, value, 'a finite number');
        leaves++;
      } else if (typeof value === 'string' || typeof value === 'boolean') leaves++;
      else if (Array.isArray(value)) leaves += this.#leaves(value, `${path}[${i}]`, depth + 1);
      else this.fail(`${path}[${i}]`, value, 'a number, a text, a boolean or an array of them');
    }
    return leaves;
  }

  digest(): string {
    const value = this.fields['digest'];
    if (typeof value !== 'string' || value === '') return this.fail('digest', value, 'a text of at least 1 character');
    return value;
  }
}

const KNOWN = new Set(['epoch', 'worker', 'index', 'draws', 'digest', 'run', 'seed', 'resume', 'batch']);

/**
 * @param line counted from 1, for errors
 * @param unknown called with each key that the format does not know
 * @throws TraceLineError naming line, field, value and what is allowed
 */
export function readTraceLine(text: string, line: number, unknown: (key: string) => void): TraceLine {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new TraceLineError(line, 'line', shown(text), 'one JSON object per line');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new TraceLineError(line, 'line', shown(text), 'one JSON object per line');
  const fields = parsed as Readonly<Record<string, unknown>>;
  for (const key in fields) if (!KNOWN.has(key)) unknown(key);
  const reader = new FieldReader(line, fields);
  const epoch = reader.whole('epoch', 0);
  const worker = reader.whole('worker', -1);
  const index = reader.whole('index', 0);
  const { draws, digest, run, seed, resume, batch } = fields;
  if ((draws === undefined) === (digest === undefined)) {
    const found = draws === undefined ? 'neither' : 'both';
    throw new TraceLineError(line, 'draws and digest', found, 'exactly one of the two');
  }
  return {
    epoch,
    worker,
    index,
    draws: draws === undefined ? undefined : reader.draws(),
    digest: digest === undefined ? undefined : reader.digest(),
    run: run === undefined ? undefined : reader.label('run'),
    seed: seed === undefined ? undefined : reader.label('seed'),
    resume: resume === undefined ? undefined : reader.resume(),
    batch: batch === undefined ? undefined : reader.whole('batch', 0),
  };
}
