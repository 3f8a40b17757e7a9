// Numbers the runs of a trace by their labels, and the resumes inside each run.
import { TraceLineError } from './errors.ts';
import type { TraceLine } from './read-trace-line.ts';

const MOST = 10_000;

export interface Replicate {
  readonly run: string | number | null;
  readonly seed: string | number | null;
}

interface Known extends Replicate {
  readonly number: number;
  /** Phase of each resume label that is a text. */
  readonly named: Map<string, number>;
  lastPhase: number;
}

export class Replicates {
  readonly #byLabel = new Map<string, Known>();
  readonly #list: Known[] = [];
  #last: { readonly run: TraceLine['run']; readonly seed: TraceLine['seed']; readonly known: Known } | undefined;

  get list(): readonly Replicate[] {
    return this.#list.map(({ run, seed }) => ({ run, seed }));
  }

  /**
   * The run of this line and how often it had been resumed. Labels that look alike are alike: 1 and "1". Resume labels
   * that are no numbers count in the order in which they appear.
   * @throws TraceLineError for more than 10,000 runs, or resume labels in one run
   */
  placeOf(trace: TraceLine, line: number): { readonly replicate: number; readonly phase: number } {
    const { run, seed, resume } = trace;
    if (this.#last === undefined || this.#last.run !== run || this.#last.seed !== seed)
      this.#last = { run, seed, known: this.#known(trace, line) };
    const { known } = this.#last;
    return { replicate: known.number, phase: resume === undefined ? 0 : phaseOf(known, resume, line) };
  }

  #known({ run, seed }: TraceLine, line: number): Known {
    const label = JSON.stringify([run?.toString(), seed?.toString()]);
    let known = this.#byLabel.get(label);
    if (known === undefined) {
      if (this.#list.length === MOST) throw tooMany(line, run === undefined ? 'seed' : 'run', run ?? seed);
      known = { run: run ?? null, seed: seed ?? null, number: this.#list.length, named: new Map(), lastPhase: 0 };
      this.#byLabel.set(label, known);
      this.#list.push(known);
    }
    return known;
  }
}

function phaseOf(known: Known, resume: string | number | boolean, line: number): number {
  const phase = typeof resume === 'string' ? namedPhase(known, resume, line) : Number(resume);
  known.lastPhase = Math.max(known.lastPhase, phase);
  return phase;
}

function namedPhase(known: Known, resume: string, line: number): number {
  if (resume === '' || resume === 'false') return 0;
  if (resume === 'true') return 1;
  if (/^\d{1,9}$/.test(resume)) return Number(resume);
  const before = known.named.get(resume);
  if (before !== undefined) return before;
  if (known.named.size === MOST) throw tooMany(line, 'resume', resume);
  known.named.set(resume, known.lastPhase + 1);
  return known.lastPhase + 1;
}

function tooMany(line: number, field: string, value: string | number | undefined): TraceLineError {
  return new TraceLineError(
    line,
    field,
    `one more label, ${JSON.stringify(value)}`,
    `at most ${MOST} different labels`,
  );
}
