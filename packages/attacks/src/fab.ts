// FAB-T (Croce & Hein 2020, "Minimally distorted adversarial examples with a fast adaptive boundary attack"), targeted.
import * as tf from '@tensorflow/tfjs-core';
import {
  type AttackBatch,
  oneHotRows,
  predictClasses,
  type Stage,
  takeValues,
  targetClasses,
  targetRounds,
} from './attack-batch.ts';
import { distance } from './ball.ts';
import { noiseAtDistance, restartNumber } from './evaluation-noise.ts';
import { logitsAndGradient } from './input-gradient.ts';
import { projectOntoHyperplane } from './project-hyperplane.ts';
import { pickLogits } from './ranked-classes.ts';

export type FabParameters = {
  readonly steps: number;
  readonly restarts: number;
  /** wrong classes tried, strongest first */
  readonly targets: number;
  /** largest pull back towards the image, 0…1 */
  readonly alphaMax: number;
  /** how far beyond the hyperplane a step goes; 1 ends on it */
  readonly eta: number;
  /** the share of the distance that is kept when a misclassified point is drawn back to the image */
  readonly beta: number;
};

/** Shorter moves count as this long, so that their ratio is a number. */
const SHORTEST = 1e-8;

/** Where the iteration stands, pixels of all images on the host. */
interface Search {
  readonly image: Float32Array;
  readonly point: Float32Array;
  readonly best: Float32Array;
  readonly bestDistance: Float64Array;
}

interface Boundaries {
  /** z_t − z_y at the point, per image: negative on the true class's side */
  readonly difference: Float32Array;
  readonly gradient: Float32Array;
}

/** The decision boundary to the target class, linearised at the points. */
async function linearise(batch: AttackBatch, points: tf.Tensor4D, direction: tf.Tensor2D): Promise<Boundaries> {
  const [difference, gradient] = tf.tidy(() => {
    const seen = logitsAndGradient(batch.logits, () => direction, points, direction);
    return [pickLogits(seen.logits, direction), seen.gradient];
  });
  try {
    return {
      difference: (await difference.data()) as Float32Array,
      gradient: (await gradient.data()) as Float32Array,
    };
  } finally {
    tf.dispose([difference, gradient]);
  }
}

/** Moves one image's point beyond the linearised boundary, drawn towards the boundary's point nearest to the image. */
function stepBeyond(
  { image, point }: Pick<Search, 'image' | 'point'>,
  normal: Float32Array,
  difference: number,
  norm: AttackBatch['threat']['norm'],
  { alphaMax, eta }: FabParameters,
): void {
  let fromPoint = 0;
  for (let i = 0; i < point.length; i++) fromPoint += normal[i] * (image[i] - point[i]);
  const move = new Float64Array(point.length);
  const imageMove = new Float64Array(point.length);
  const length = projectOntoHyperplane({ norm, point, normal, residual: difference }, move);
  const imageLength = projectOntoHyperplane(
    { norm, point: image, normal, residual: difference + fromPoint },
    imageMove,
  );
  const near = Math.max(length, SHORTEST);
  const alpha = Math.min(near / (near + Math.max(imageLength, SHORTEST)), alphaMax);
  for (let i = 0; i < point.length; i++) {
    const mixed = (point[i] + eta * move[i]) * (1 - alpha) + (image[i] + eta * imageMove[i]) * alpha;
    point[i] = Math.min(Math.max(mixed, 0), 1);
  }
}

/** A misclassified point: kept if it is the nearest so far, then drawn back towards the image. */
function drawBack(search: Search, row: number, norm: AttackBatch['threat']['norm'], beta: number): void {
  const { image, point, best } = rowOf(search, row);
  const length = distance(point, image, norm);
  if (length < search.bestDistance[row]) {
    search.bestDistance[row] = length;
    best.set(point);
  }
  for (let i = 0; i < point.length; i++) point[i] = image[i] + (point[i] - image[i]) * beta;
}

function rowOf({ image, point, best, bestDistance }: Search, row: number) {
  const size = image.length / bestDistance.length;
  const part = (values: Float32Array) => values.subarray(row * size, (row + 1) * size);
  return { image: part(image), point: part(point), best: part(best) };
}

/**
 * The nearest misclassified point met per image, wherever it lies: FAB looks for the shortest move and does not read
 * epsilon. An image for which none was met comes back as it is. The caller frees the result.
 * @param targets class whose boundary is sought, per image
 * @param noise added to the images for the first point, then cut to [0, 1]
 */
export async function nearestBoundaryPoints(
  batch: AttackBatch,
  targets: Int32Array,
  parameters: FabParameters,
  noise: tf.Tensor4D | 'zero',
): Promise<tf.Tensor4D> {
  const { logits, images, labels, classes, threat, border } = batch;
  const image = Float32Array.from(await images.data());
  const first = noise === 'zero' ? image : await takeValues(tf.tidy(() => tf.clipByValue(tf.add(images, noise), 0, 1)));
  const bestDistance = new Float64Array(labels.length).fill(Number.POSITIVE_INFINITY);
  const search: Search = { image, point: first.slice(), best: image.slice(), bestDistance };
  const size = image.length / labels.length;
  const direction = tf.tidy(() => tf.sub<tf.Tensor2D>(oneHotRows(targets, classes), oneHotRows(labels, classes)));
  let points = tf.tensor4d(search.point.slice(), images.shape);
  try {
    for (let step = 0; step < parameters.steps; step++) {
      await border();
      const { difference, gradient } = await linearise(batch, points, direction);
      labels.forEach((_, row) => {
        const normal = gradient.subarray(row * size, (row + 1) * size);
        stepBeyond(rowOf(search, row), normal, difference[row], threat.norm, parameters);
      });
      points = replaceTensor(points, search.point);
      const seen = await predictClasses(logits, points);
      labels.forEach((label, row) => {
        if (seen[row] !== label) drawBack(search, row, threat.norm, parameters.beta);
      });
      points = replaceTensor(points, search.point);
    }
    return tf.tensor4d(search.best, images.shape);
  } finally {
    tf.dispose([direction, points]);
  }
}

/** A tensor of a copy of the values, since a backend may keep the array that it is given. */
function replaceTensor(old: tf.Tensor4D, values: Float32Array): tf.Tensor4D {
  old.dispose();
  return tf.tensor4d(values.slice(), old.shape);
}

/** The first restart begins at the image, later ones at random, half of epsilon away. */
export function fabStage(parameters: FabParameters): Stage {
  return {
    name: 'fab-t',
    rounds: (classes) => targetRounds(parameters.targets, parameters.restarts, classes),
    craft: async (batch, round) => {
      const targets = await targetClasses(batch, round.target);
      if (round.restart === 0) return nearestBoundaryPoints(batch, targets, parameters, 'zero');
      const noise = noiseAtDistance(batch, restartNumber('fab-t', round), batch.threat.epsilon / 2);
      try {
        return await nearestBoundaryPoints(batch, targets, parameters, noise);
      } finally {
        noise.dispose();
      }
    },
  };
}
