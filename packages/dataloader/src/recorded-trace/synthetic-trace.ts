// Traces of made-up training runs for tests of the audit: what a recorder would write of known streams.
import { NumpyRandomState, seedWords } from '@reseed/rng';
import type { DrawValue } from './read-trace-line.ts';

/** Lines as a file that is read in pieces which end anywhere. */
export async function* chunked(lines: readonly string[], size = 65_536): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(`${lines.join('\n')}\n`);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** What is drawn per sample: one raw word, two crop offsets and a flip (162 outcomes), or a coin. */
export type DrawKind = 'word' | 'crop_flip' | 'coin' | 'digest';

export const DRAW_KINDS: readonly DrawKind[] = ['word', 'crop_flip', 'coin', 'digest'];

export interface SyntheticLine {
  readonly epoch: number;
  readonly worker: number;
  readonly index: number;
  readonly batch?: number;
  readonly draws?: readonly DrawValue[];
  readonly digest?: string;
  readonly run?: string | number;
  readonly seed?: string | number;
  readonly resume?: number | string | boolean;
}

export function drawBlock(stream: NumpyRandomState, kind: DrawKind): Pick<SyntheticLine, 'draws' | 'digest'> {
  switch (kind) {
    case 'word':
      return { draws: [stream.nextUint32()] };
    case 'crop_flip':
      return { draws: [stream.randint(0, 9), stream.randint(0, 9), stream.randint(0, 2)] };
    case 'coin':
      return { draws: [stream.randint(0, 2) === 1] };
    case 'digest':
      return { digest: [stream.nextUint32(), stream.nextUint32()].map((word) => word.toString(16)).join('') };
  }
}

export interface SyntheticRun {
  readonly samples: number;
  readonly batchSize: number;
  readonly epochs: number;
  /** First epoch recorded; 0 unless the run was resumed. */
  readonly firstEpoch?: number;
  /** 0 = drawn in the main process. */
  readonly workers: number;
  readonly order: 'shuffled' | 'sequential';
  readonly orderSeed?: number;
  readonly kind: DrawKind;
  /** The stream of a worker at the start of an epoch; the same object goes on where it stopped. */
  readonly stream: (epoch: number, worker: number) => NumpyRandomState;
  /** Called before each draw, e.g. to seed the stream again. */
  readonly before?: (stream: NumpyRandomState, place: SyntheticLine & { readonly position: number }) => void;
}

/** Lines in the order in which a DataLoader yields its samples. */
export function recordSynthetic(run: SyntheticRun): SyntheticLine[] {
  const { samples, batchSize, epochs, workers, order, orderSeed = 7, kind, stream, before, firstEpoch = 0 } = run;
  const lines: SyntheticLine[] = [];
  for (let epoch = firstEpoch; epoch < firstEpoch + epochs; epoch++) {
    const permutation = new NumpyRandomState(seedWords([orderSeed, epoch])).permutation(samples);
    const ids = Array.from({ length: Math.max(1, workers) }, (_, worker) => (workers === 0 ? -1 : worker));
    const streams = ids.map((worker) => stream(epoch, worker));
    const positions = ids.map(() => 0);
    for (let at = 0; at < samples; at++) {
      const batch = Math.floor(at / batchSize);
      const slot = batch % ids.length;
      const place = { epoch, worker: ids[slot], index: order === 'shuffled' ? permutation[at] : at, batch };
      before?.(streams[slot], { ...place, position: positions[slot]++ });
      lines.push({ ...place, ...drawBlock(streams[slot], kind) });
    }
  }
  return lines;
}

export const fresh = (...words: number[]): NumpyRandomState => new NumpyRandomState(seedWords(words));

/** A stream of its own for every (epoch, worker), as PyTorch ≥ 1.9 gives it. */
export const modern =
  (seed: number): SyntheticRun['stream'] =>
  (epoch, worker) =>
    fresh(seed, epoch, worker + 1, 99);
