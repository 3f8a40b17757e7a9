// What one epoch draws for its samples and batches, whatever the seeding mode: the drawing side of a loader.
import { type DrawStream, JaxDrawStream, NumpyRandomState, type WordDrawStream } from '@reseed/rng';
import type { Batch } from './batches.ts';
import type { DrawProgram } from './loader-options.ts';
import type { CounterRule } from './stream-rule.ts';

/**
 * Draws come in batch order, each batch's samples before its own. A name is four words, equal for two draw blocks if and
 * only if they are the same draws of the same stream (up to a chance of 2^−128).
 */
export interface EpochDraws<P, B> {
  /** Fills `out` with the name of the block that the sample at `position` of the batch has just drawn. */
  nameSample(batch: Batch, position: number, out: Uint32Array): void;
  sample(batch: Batch, position: number): P;
  nameBatch(batch: Batch, out: Uint32Array): void;
  batch(batch: Batch): B | undefined;
  /** To be called when the epoch is drawn to its end: streams that outlive it are then kept for the next. */
  finish(): void;
}

/**
 * Draws from streams that samples share: a block is named by the words that its stream gives next. Not by those that it
 * began with, as the first of them may have been rejected: the block that begins one word later is then the same.
 */
export function sharedStreamDraws<P, B>(
  draws: DrawProgram<P, B>,
  streamOf: (worker: number) => WordDrawStream,
  finish: () => void = () => {},
): EpochDraws<P, B> {
  return {
    nameSample: ({ worker }, _, out) => streamOf(worker).peek(out),
    sample: ({ worker }) => draws.sample(streamOf(worker)),
    nameBatch: ({ worker }, out) => streamOf(worker).peek(out),
    batch: ({ worker, indices }) => draws.batch?.(streamOf(worker), indices.length),
    finish,
  };
}

/** Draws from a stream of each sample's own: a block is named by the seed of its stream. */
export function counterDraws<P, B>(
  draws: DrawProgram<P, B>,
  rule: CounterRule,
  { epoch, copies }: { readonly epoch: number; readonly copies: number },
): EpochDraws<P, B> {
  const words = new Uint32Array(4);
  const numpy = new NumpyRandomState(0);
  const open = (seed: Uint32Array): DrawStream => {
    if (rule.generator === 'jax') return new JaxDrawStream([seed[0], seed[1]]);
    numpy.seed(seed);
    return numpy;
  };
  const nameSample = ({ indices }: Batch, position: number, out: Uint32Array) =>
    rule.sample(epoch, indices[position], position % copies, out);
  return {
    nameSample,
    sample: (batch, position) => draws.sample(open(nameSample(batch, position, words))),
    nameBatch: ({ batch }, out) => rule.batch(epoch, batch, out),
    batch: ({ batch, indices }) => draws.batch?.(open(rule.batch(epoch, batch, words)), indices.length),
    finish: () => {},
  };
}
