// PGD whose steps are Adam's (Kingma & Ba 2015), the inner attack of Gowal et al. 2020 and Rebuffi et al. 2021.
import * as tf from '@tensorflow/tfjs-core';
import { crossEntropy } from './attack-loss.ts';
import { ballAround } from './ball.ts';
import type { CraftOptions } from './craft.ts';
import { inputGradient } from './input-gradient.ts';

const FIRST_DECAY = 0.9;
const SECOND_DECAY = 0.999;
const TINY = 1e-9;
const RATE = 0.1;
const LATER_RATE = 0.01;

/** The rate falls from 0.1 to 0.01 after this share of the steps: after 5 of 10. */
const FIRST_PART = 0.5;

/** As `craft`, but the length of a step in each pixel is Adam's, from 0.1 down to 0.01 of the pixel range; ε-noise starts it. */
export function craftByAdam({
  logits,
  images,
  oneHot,
  norm = 'Linf',
  epsilon,
  steps,
  start,
  loss = crossEntropy,
}: Omit<CraftOptions, 'stepSize'>): tf.Tensor4D {
  return tf.tidy(() => {
    const ball = ballAround(images, norm, epsilon);
    const first = start === 'zero' ? tf.clone(images) : ball.project(tf.add(images, start));
    let state = { point: first, mean: tf.zerosLike(images), square: tf.zerosLike(images) };
    for (let step = 1; step <= steps; step++) {
      const rate = step <= FIRST_PART * steps ? RATE : LATER_RATE;
      const next = tf.tidy(() => {
        const gradient = inputGradient(logits, loss, state.point, oneHot);
        const mean = tf.add<tf.Tensor4D>(tf.mul(state.mean, FIRST_DECAY), tf.mul(gradient, 1 - FIRST_DECAY));
        const squares = tf.mul(tf.square(gradient), 1 - SECOND_DECAY);
        const square = tf.add<tf.Tensor4D>(tf.mul(state.square, SECOND_DECAY), squares);
        const meanShare = 1 - FIRST_DECAY ** step;
        const spread = tf.add(tf.sqrt(tf.div(square, 1 - SECOND_DECAY ** step)), TINY);
        const move = tf.mul(tf.div(tf.div(mean, meanShare), spread), rate);
        return { point: ball.project(tf.add(state.point, move)), mean, square };
      });
      tf.dispose(state);
      state = next;
    }
    return state.point;
  });
}
