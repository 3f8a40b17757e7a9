// Auto-PGD (Croce & Hein 2020, "Reliable evaluation", algorithm 1): momentum, and a step size per image that halves itself.
import * as tf from '@tensorflow/tfjs-core';
import type { Border, Threat } from './attack-batch.ts';
import { type Ball, ballAround } from './ball.ts';
import type { ImageLoss } from './attack-loss.ts';
import { type Logits, logitsAndGradient } from './input-gradient.ts';

export interface ApgdOptions {
  readonly logits: Logits;
  readonly images: tf.Tensor4D;
  /** true classes [n, classes] */
  readonly oneHot: tf.Tensor2D;
  readonly loss: ImageLoss;
  readonly threat: Pick<Threat, 'norm' | 'epsilon'>;
  readonly iterations: number;
  /** added to the images, then cut to [0, 1]: the first point */
  readonly noise: tf.Tensor4D;
  readonly border: Border;
}

/** All the caller's to free. */
export type ApgdResult = {
  /** the point of the highest loss met */
  readonly best: tf.Tensor4D;
  /** its loss, [n] */
  readonly bestLoss: tf.Tensor1D;
  /** the last misclassified point met; the first point where there was none */
  readonly adversarial: tf.Tensor4D;
  /** [n], 1 where every point met was classified correctly, else 0 */
  readonly correct: tf.Tensor1D;
};

/** One value per image has shape [n]. */
type State = ApgdResult & {
  readonly point: tf.Tensor4D;
  readonly previous: tf.Tensor4D;
  readonly gradient: tf.Tensor4D;
  readonly bestGradient: tf.Tensor4D;
  readonly stepSize: tf.Tensor1D;
  readonly lastLoss: tf.Tensor1D;
  /** how often the loss rose from one point to the next in this window */
  readonly rises: tf.Tensor1D;
  readonly bestAtCheck: tf.Tensor1D;
  /** 1 where the last check halved the step */
  readonly halved: tf.Tensor1D;
};

const MOMENTUM = 0.75;
/** A window in which the loss rose in at most this share of its steps makes the step smaller. */
const RISING_SHARE = 0.75;
/** Added to lengths by which APGD divides. */
const TINY = 1e-12;

/** Lengths of the windows between checks of the step size. */
function windowsOf(iterations: number): {
  readonly first: number;
  readonly shorter: number;
  readonly shortest: number;
} {
  const share = (part: number) => Math.max(Math.floor(part * iterations), 1);
  return { first: share(0.22), shorter: share(0.03), shortest: share(0.06) };
}

/** [n] to [n, 1, 1, 1], so that it meets images. */
function perImage(values: tf.Tensor1D): tf.Tensor4D {
  return tf.reshape(values, [-1, 1, 1, 1]);
}

/** Images of `yes` where `mask` [n] is 1, of `no` where it is 0. */
function selectImages(mask: tf.Tensor1D, yes: tf.Tensor4D, no: tf.Tensor4D): tf.Tensor4D {
  const weight = perImage(mask);
  return tf.add(tf.mul(yes, weight), tf.mul(no, tf.sub(1, weight)));
}

function asNumbers(mask: tf.Tensor): tf.Tensor1D {
  return tf.cast(mask as tf.Tensor1D, 'float32');
}

/** Loss [n], gradient, and 1 where the class is right [n], at a point. */
function look({ logits, oneHot, loss }: ApgdOptions, point: tf.Tensor4D) {
  const seen = logitsAndGradient(logits, loss.gradient, point, oneHot);
  const right = asNumbers(tf.equal(tf.argMax(seen.logits, 1), tf.argMax(oneHot, 1)));
  return { gradient: seen.gradient, right, value: loss.values(seen.logits, oneHot) };
}

function begin(options: ApgdOptions): State {
  const { images, noise, threat } = options;
  const point = tf.clipByValue(tf.add<tf.Tensor4D>(images, noise), 0, 1);
  const { gradient, right, value } = look(options, point);
  return {
    point,
    previous: tf.clone(point),
    gradient,
    best: tf.clone(point),
    bestGradient: tf.clone(gradient),
    bestLoss: value,
    adversarial: tf.clone(point),
    correct: right,
    stepSize: tf.fill([images.shape[0]], 2 * threat.epsilon) as tf.Tensor1D,
    // The authors' code compares the first loss of the first window with a zero.
    lastLoss: tf.zerosLike(value),
    rises: tf.zerosLike(value),
    bestAtCheck: tf.clone(value),
    halved: tf.onesLike(value),
  };
}

function advance(options: ApgdOptions, ball: Ball, state: State, pull: number): State {
  const { point, previous } = state;
  const stepped = ball.project(ball.step(point, state.gradient, perImage(state.stepSize)));
  const pulled = tf.add(point, tf.mul(tf.sub(stepped, point), pull));
  const next = ball.project(tf.add(pulled, tf.mul(tf.sub(point, previous), 1 - pull)));
  const { gradient, right, value } = look(options, next);
  const better = tf.greater(value, state.bestLoss);
  const betterMask = asNumbers(better);
  return {
    point: next,
    previous: tf.clone(point),
    gradient,
    best: selectImages(betterMask, next, state.best),
    bestGradient: selectImages(betterMask, gradient, state.bestGradient),
    bestLoss: tf.where(better, value, state.bestLoss),
    adversarial: selectImages(right, state.adversarial, next),
    correct: tf.minimum(state.correct, right),
    stepSize: tf.clone(state.stepSize),
    lastLoss: value,
    rises: tf.add(state.rises, asNumbers(tf.greater(value, state.lastLoss))),
    bestAtCheck: tf.clone(state.bestAtCheck),
    halved: tf.clone(state.halved),
  };
}

/** Halves the step where the loss rose too seldom, or stayed where it was with an unhalved step, and goes back to the best point. */
function checkSteps(state: State, window: number): State {
  const seldom = asNumbers(tf.lessEqual(state.rises, window * RISING_SHARE));
  const stuck = tf.mul(tf.sub(1, state.halved), asNumbers(tf.greaterEqual(state.bestAtCheck, state.bestLoss)));
  const halve = tf.maximum<tf.Tensor1D>(seldom, stuck);
  return {
    ...state,
    point: selectImages(halve, state.best, state.point),
    gradient: selectImages(halve, state.bestGradient, state.gradient),
    stepSize: tf.mul(state.stepSize, tf.sub(1, tf.mul(halve, 0.5))),
    rises: tf.zerosLike(state.rises),
    bestAtCheck: tf.clone(state.bestLoss),
    halved: halve,
  };
}

/** Frees the tensors of `state` that `next` does not hold. */
function disposeReplaced(state: State, next: Partial<State>): void {
  const kept = new Set(Object.values(next).map((tensor) => tensor.id));
  for (const tensor of Object.values(state)) if (!kept.has(tensor.id)) tensor.dispose();
}

/** Runs APGD from one start. Rejects with whatever `border` rejects with, and then leaves nothing allocated. */
export async function apgd(options: ApgdOptions): Promise<ApgdResult> {
  const { images, threat, iterations, border } = options;
  const { first, shorter, shortest } = windowsOf(iterations);
  let state = tf.tidy(() => begin(options));
  const ball = ballAround(images, threat.norm, threat.epsilon, TINY);
  const replace = (make: () => State) => {
    const next = tf.tidy(make);
    disposeReplaced(state, next);
    state = next;
  };
  try {
    let window = first;
    let inWindow = 0;
    for (let i = 0; i < iterations; i++) {
      await border();
      replace(() => advance(options, ball, state, i === 0 ? 1 : MOMENTUM));
      if (++inWindow < window) continue;
      replace(() => checkSteps(state, window));
      window = Math.max(window - shorter, shortest);
      inWindow = 0;
    }
    const { best, bestLoss, adversarial, correct } = state;
    const result = { best, bestLoss, adversarial, correct };
    disposeReplaced(state, result);
    return result;
  } catch (error) {
    disposeReplaced(state, {});
    throw error;
  } finally {
    ball.dispose();
  }
}
