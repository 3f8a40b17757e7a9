// For tests: golden vectors with an account of the entries compared so far, so that an entry which no test compares fails.
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** How far a number that went through the C library's log, pow, cos or sin may be off; 0 and 0 mean equal. */
export interface Tolerance {
  /** Relative to the golden value. */
  readonly relative?: number;
  readonly absolute?: number;
}

function isLeaf(value: Json): boolean {
  if (value === null || typeof value !== 'object') return true;
  return Array.isArray(value) && value.every((item) => item === null || typeof item !== 'object');
}

function leavesUnder(value: Json, path: string, inputs: ReadonlySet<string>): string[] {
  if (isLeaf(value)) return [path];
  return Object.entries(value as object).flatMap(([key, inner]) =>
    inputs.has(key) ? [] : leavesUnder(inner as Json, `${path}/${key}`, inputs),
  );
}

function expectNear(actual: unknown, golden: Json, { relative = 0, absolute = 0 }: Tolerance): void {
  if (typeof golden !== 'number') {
    expect(actual).toEqual(golden);
    return;
  }
  expect(typeof actual).toBe('number');
  const distance = Math.abs((actual as number) - golden);
  expect(distance, `${String(actual)} against ${golden}`).toBeLessThanOrEqual(relative * Math.abs(golden) + absolute);
}

/** One file of golden vectors; an entry is a number, a string, or a list of them that is no input of the calls. */
export class GoldenFile<Content> {
  readonly #compared = new Set<string>();
  readonly #entries: ReadonlySet<string>;
  readonly #inputs: ReadonlySet<string>;

  private constructor(
    readonly content: Content,
    inputs: readonly string[],
  ) {
    this.#inputs = new Set(['meta', 'note', ...inputs]);
    this.#entries = new Set(leavesUnder(content as Json, '', this.#inputs));
  }

  /** @param inputs the keys that tell what to call, at any depth: not entries. */
  static open<Content>(name: string, inputs: readonly string[]): GoldenFile<Content> {
    const text = readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8');
    return new GoldenFile(JSON.parse(text) as Content, inputs);
  }

  get entries(): number {
    return this.#entries.size;
  }

  get uncompared(): string[] {
    return [...this.#entries].filter((entry) => !this.#compared.has(entry));
  }

  /** Compares what a generator gave with everything under `path`, and notes it as compared when it agrees. */
  compare(path: readonly (string | number)[], actual: unknown, tolerance: Tolerance = {}): void {
    let golden = this.content as Json;
    for (const key of path) golden = (golden as Readonly<Record<string, Json>>)[key];
    expect(golden, `${path.join('/')} is in the golden file`).toBeDefined();
    if (isLeaf(golden) && (tolerance.relative !== undefined || tolerance.absolute !== undefined)) {
      const [values, expected] = [[actual].flat(), [golden].flat()];
      expect(values).toHaveLength(expected.length);
      expected.forEach((value, i) => expectNear(values[i], value, tolerance));
    } else {
      expect(actual).toEqual(golden);
    }
    const prefix = ['', ...path].join('/');
    for (const entry of leavesUnder(golden, prefix, this.#inputs)) {
      expect(this.#entries.has(entry), `${entry} is an entry`).toBe(true);
      this.#compared.add(entry);
    }
  }
}
