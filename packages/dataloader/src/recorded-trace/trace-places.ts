// Names places of a trace for people: epoch, worker, run and how often it had been resumed.
import type { TraceLayout } from './trace-layout.ts';

export class TracePlaces {
  readonly #layout: TraceLayout;
  readonly #resumed: boolean;

  constructor(layout: TraceLayout) {
    this.#layout = layout;
    this.#resumed = layout.sequences.phase.some((phase) => phase > 0);
  }

  /** E.g. `epoch 2, worker 1 of seed 12345 after resume 1`. */
  stream(sequence: number): string {
    const { sequences, replicates } = this.#layout;
    const { run, seed } = replicates[sequences.replicate[sequence]];
    const worker = sequences.worker[sequence];
    const who = worker < 0 ? 'main process' : `worker ${worker}`;
    const labels = [run === null ? '' : `run ${run}`, seed === null ? '' : `seed ${seed}`].filter(
      (label) => label !== '',
    );
    const owner = replicates.length > 1 && labels.length > 0 ? ` of ${labels.join(', ')}` : '';
    const phase = sequences.phase[sequence];
    const resumed = !this.#resumed ? '' : phase === 0 ? ' before the resume' : ` after resume ${phase}`;
    return `epoch ${sequences.epoch[sequence]}, ${who}${owner}${resumed}`;
  }

  /** E.g. `position 5 of epoch 2, worker 1`. */
  line(line: number): string {
    const sequence = this.#layout.sequenceOf[line];
    return `position ${line - this.#layout.start[sequence]} of ${this.stream(sequence)}`;
  }

  bothStreams([a, b]: readonly [number, number]): string {
    return `${this.stream(a)} = ${this.stream(b)}`;
  }

  bothLines([a, b]: readonly [number, number]): string {
    return `the draws from ${this.line(b)} on equal those from ${this.line(a)} on`;
  }
}
