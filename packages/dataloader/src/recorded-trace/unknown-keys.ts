// Remembers keys that the format does not know and guesses which optional key was meant.

const OPTIONAL = ['run', 'seed', 'resume', 'batch', 'digest', 'draws'] as const;
/** Keys named at most; a trace may hold millions. */
const NAMED = 20;
const LONGEST = 40;

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1])
        row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
    }
    [beforeLast, last] = [last, row];
  }
  return last[to.length];
}

function meant(key: string): string | undefined {
  const lower = key.toLowerCase();
  if (key.length > 12) return undefined;
  return OPTIONAL.find((name) => lower === name || editDistance(lower, name) <= (name.length > 5 ? 2 : 1));
}

export class UnknownKeys {
  readonly #keys = new Set<string>();
  #more = false;

  add(key: string): void {
    if (this.#keys.has(key)) return;
    if (this.#keys.size < NAMED) this.#keys.add(key);
    else this.#more = true;
  }

  /** One note for each key, e.g. `unknown key "sede" was ignored: did you mean "seed"?`. */
  notes(): string[] {
    const notes = [...this.#keys].map((key) => {
      const name = key.length > LONGEST ? `${key.slice(0, LONGEST)}…` : key;
      const guess = meant(key);
      return `Unknown key ${JSON.stringify(name)} was ignored${guess === undefined ? '.' : `: did you mean "${guess}"?`}`;
    });
    return this.#more ? [...notes, 'More unknown keys were ignored.'] : notes;
  }
}
