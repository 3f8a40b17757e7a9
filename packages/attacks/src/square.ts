// Square Attack (Andriushchenko et al. 2020): random search with square-shaped changes, reading nothing but logits.
import * as tf from '@tensorflow/tfjs-core';
import { type AttackBatch, restartRounds, type Round, type Stage, takeValues } from './attack-batch.ts';
import { evaluationNumpyStream, restartNumber } from './evaluation-noise.ts';
import type { ImageShape } from './normal-noise.ts';
import { squareMovesL2 } from './square-l2.ts';
import { squareMovesLinf } from './square-linf.ts';

export type SquareParameters = {
  /** forward passes per image after the first */
  readonly queries: number;
  readonly restarts: number;
  /** share of the image that the first squares cover */
  readonly squareShare: number;
};

/** The first iterations after which the square's share is halved, and halved again; they do not scale with the queries. */
const HALVED_AFTER = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];

/** Share of the image that the square of an iteration covers. */
export function shareAt(iteration: number, squareShare: number): number {
  return squareShare / 2 ** HALVED_AFTER.filter((after) => iteration > after).length;
}

export interface SquareObserver {
  /** Called for every image after each query on it, with the margin z_y − max_{k≠y} z_k of its best point. */
  readonly margin: (image: number, margin: number) => void;
}

/** The margin of every image in `pixels`. */
async function marginsAt(
  { logits, classes }: AttackBatch,
  pixels: Float32Array,
  shape: ImageShape,
  labels: Int32Array,
): Promise<Float64Array> {
  const values = await takeValues(tf.tidy(() => logits(tf.tensor4d(pixels, [labels.length, ...shape]))));
  return Float64Array.from(labels, (label, image) => {
    let strongest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < classes; k++) if (k !== label) strongest = Math.max(strongest, values[image * classes + k]);
    return values[image * classes + label] - strongest;
  });
}

/**
 * The best point per image after at most `queries` changes, each kept if the margin falls; an image rests once it is
 * misclassified. What is drawn for an image depends on its own stream alone. The caller frees the result.
 */
export async function searchSquares(
  batch: AttackBatch,
  { queries, squareShare }: SquareParameters,
  restart: number,
  observer?: SquareObserver,
): Promise<tf.Tensor4D> {
  const { images, labels, positions, threat, border } = batch;
  const [, height, width, channels] = images.shape;
  const shape: ImageShape = [height, width, channels];
  const size = height * width * channels;
  const moves = (threat.norm === 'Linf' ? squareMovesLinf : squareMovesL2)(shape, threat.epsilon);
  const streams = Array.from(positions, (position) => evaluationNumpyStream(threat.seed, restart, position));
  const clean = Float32Array.from(await images.data());
  const best = new Float32Array(clean.length);
  const rowOf = (values: Float32Array, row: number) => values.subarray(row * size, (row + 1) * size);
  streams.forEach((stream, i) => moves.start(stream, rowOf(clean, i), rowOf(best, i)));
  const margins = await marginsAt(batch, best.slice(), shape, labels);
  margins.forEach((margin, i) => observer?.margin(i, margin));
  let active = Int32Array.from(labels.keys()).filter((i) => margins[i] > 0);
  for (let iteration = 0; iteration < queries && active.length > 0; iteration++) {
    await border();
    const share = shareAt(iteration, squareShare);
    const candidates = new Float32Array(active.length * size);
    active.forEach((i, row) =>
      moves.propose(streams[i], rowOf(clean, i), rowOf(best, i), share, rowOf(candidates, row)),
    );
    const found = await marginsAt(
      batch,
      candidates.slice(),
      shape,
      active.map((i) => labels[i]),
    );
    active.forEach((i, row) => {
      if (found[row] < margins[i]) {
        margins[i] = found[row];
        rowOf(best, i).set(rowOf(candidates, row));
      }
      observer?.margin(i, margins[i]);
    });
    active = active.filter((i) => margins[i] > 0);
  }
  return tf.tensor4d(best, images.shape);
}

export function squareStage(parameters: SquareParameters): Stage {
  return {
    name: 'square',
    rounds: () => restartRounds(parameters.restarts),
    craft: (batch: AttackBatch, round: Round) => searchSquares(batch, parameters, restartNumber('square', round)),
  };
}
