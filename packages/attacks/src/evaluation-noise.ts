// Random starts of evaluation attacks, one stream per image and round, so that they depend on nothing but (seed, round, position).
import { evaluationStream, NumpyRandomState, STREAM_TAGS, seedWords } from '@reseed/rng';
import * as tf from '@tensorflow/tfjs-core';
import type { AttackBatch, Round, Stage } from './attack-batch.ts';
import { fillL2Noise, fillNormalNoise, type ImageShape, scaleToLength } from './normal-noise.ts';
import { fillUniformNoise } from './uniform-noise.ts';

/** Where each attack's restart numbers begin; `pgd` shares those of the tracking attack, 0, 1, … */
const FIRST_RESTART: Readonly<Record<Stage['name'], number>> = {
  fgsm: 0,
  pgd: 0,
  transfer: 0,
  autoattack: 0,
  'apgd-ce': 0x10000,
  'apgd-dlr': 0x20000,
  'apgd-t': 0x30000,
  'fab-t': 0x40000,
  square: 0x50000,
};

/** Restarts of one target; the next target's begin after it. */
const RESTARTS_PER_TARGET = 0x100;

/** The restart number j of the stream (S, EVAL, j, image) that serves this round of this attack. */
export function restartNumber(attack: Stage['name'], { target, restart }: Round): number {
  return FIRST_RESTART[attack] + target * RESTARTS_PER_TARGET + restart;
}

/** NP(SS(S, EVAL, j, image)): normal starts and everything that Square draws. */
export function evaluationNumpyStream(seed: number, restart: number, image: number): NumpyRandomState {
  return new NumpyRandomState(seedWords([seed, STREAM_TAGS.evaluation, restart, image]));
}

/** What noise depends on: the seed, the ball, and where each image stands in its dataset. */
export type NoisyBatch = Pick<AttackBatch, 'images' | 'positions' | 'threat'>;

/** Noise with the images' shape, every image filled by `fill` alone; the caller's to free. */
function noisePerImage(
  { images, positions }: Pick<NoisyBatch, 'images' | 'positions'>,
  fill: (out: Float32Array, position: number, shape: ImageShape) => void,
): tf.Tensor4D {
  const [, height, width, channels] = images.shape;
  const size = height * width * channels;
  const noise = new Float32Array(images.size);
  positions.forEach((position, i) =>
    fill(noise.subarray(i * size, (i + 1) * size), position, [height, width, channels]),
  );
  return tf.tensor4d(noise, images.shape);
}

/** A point in the ball: uniform for L∞; for L2 a normal direction of length r·ε, r uniform. */
export function noiseWithin(batch: NoisyBatch, restart: number): tf.Tensor4D {
  const { norm, epsilon, seed } = batch.threat;
  return noisePerImage(batch, (out, position, shape) => {
    if (norm === 'Linf') fillUniformNoise(evaluationStream(seed, restart, position), out, shape, epsilon);
    else fillL2Noise(evaluationNumpyStream(seed, restart, position), out, shape, epsilon);
  });
}

/** A point at distance `radius`: for L∞ uniform noise stretched until its largest pixel is there, for L2 a normal direction. */
export function noiseAtDistance(batch: AttackBatch, restart: number, radius: number): tf.Tensor4D {
  const { norm, seed } = batch.threat;
  return noisePerImage(batch, (out, position, shape) => {
    if (norm === 'L2') {
      fillNormalNoise(evaluationNumpyStream(seed, restart, position), out, shape, 1);
      scaleToLength(out, radius);
      return;
    }
    fillUniformNoise(evaluationStream(seed, restart, position), out, shape, 1);
    const largest = out.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (largest > 0) for (let i = 0; i < out.length; i++) out[i] *= radius / largest;
  });
}
