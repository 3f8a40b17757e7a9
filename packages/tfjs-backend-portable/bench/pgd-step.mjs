// Times PGD adversarial training steps on the portable backend: node bench/pgd-step.mjs [tiny|madry] [steps] [--profile].
// Images are a fixed pattern and weights a fixed wave: speed does not depend on their values.
import * as tf from '@tensorflow/tfjs';
import { pgdStepLinf } from '@reseed/fused-kernels';
import { installPortableBackend, portableBackendVersion } from '../dist/index.js';

const models = {
  tiny: {
    batch: 50,
    convolutions: [
      [3, 1, 8],
      [3, 8, 16],
    ],
    stride: 2,
    pad: 1,
    pool: 1,
    dense: [
      [784, 64],
      [64, 10],
    ],
  },
  madry: {
    batch: 128,
    convolutions: [
      [5, 1, 32],
      [5, 32, 64],
    ],
    stride: 1,
    pad: 'same',
    pool: 2,
    dense: [
      [3136, 1024],
      [1024, 10],
    ],
  },
};
const ATTACK_STEPS = 10;

const name = process.argv[2] ?? 'tiny';
const repeats = Number(process.argv[3] ?? 5);
const model = models[name];
await installPortableBackend();

const wave = (shape, scale, phase) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => scale * Math.sin(i * 1.7 + phase)),
    shape,
  );
};
const weights = [
  ...model.convolutions.flatMap(([k, from, to]) => [
    wave([k, k, from, to], 1 / k / Math.sqrt(from), 1),
    wave([to], 0.1, 2),
  ]),
  ...model.dense.flatMap(([from, to]) => [wave([from, to], 1 / Math.sqrt(from), 3), wave([to], 0.1, 4)]),
].map((tensor) => tf.variable(tensor));
const clean = tf.tidy(() => wave([model.batch, 28, 28, 1], 0.5, 0).add(0.5));
const labels = tf
  .oneHot(
    Array.from({ length: model.batch }, (_, i) => i % 10),
    10,
  )
  .toFloat();

function logits(x) {
  let at = 0;
  let h = x;
  for (const _ of model.convolutions) {
    h = tf.fused.conv2d({
      x: h,
      filter: weights[at],
      strides: model.stride,
      pad: model.pad,
      bias: weights[at + 1],
      activation: 'relu',
    });
    if (model.pool > 1) h = tf.maxPool(h, model.pool, model.pool, 'valid');
    at += 2;
  }
  h = h.reshape([model.batch, -1]);
  for (let i = 0; i < model.dense.length; i++, at += 2) {
    const activation = i < model.dense.length - 1 ? 'relu' : 'linear';
    h = tf.fused.matMul({ a: h, b: weights[at], bias: weights[at + 1], activation });
  }
  return h;
}
const loss = (x) => tf.logSoftmax(logits(x)).mul(labels).sum().div(-model.batch);
const inputGradient = tf.grad(loss);
const optimizer = tf.train.sgd(0.01);

function attackStep(x) {
  return tf.tidy(() =>
    pgdStepLinf({ adversarial: x, gradient: inputGradient(x), clean }, { stepSize: 0.01, epsilon: 0.1 }),
  );
}
function trainingStep() {
  tf.tidy(() => {
    let x = clean;
    for (let i = 0; i < ATTACK_STEPS; i++) x = attackStep(x);
    optimizer.minimize(() => loss(x));
  });
}
function best(action) {
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = 0; i <= repeats; i++) {
    const start = performance.now();
    action();
    shortest = Math.min(shortest, performance.now() - start);
  }
  return shortest;
}

const gradientMs = best(() => attackStep(clean).dispose());
const stepMs = best(trainingStep);
console.log(
  `${name} (wasm ${portableBackendVersion}, one thread, batch ${model.batch}): ` +
    `forward + input gradient ${gradientMs.toFixed(2)} ms = ${((model.batch * 1000) / gradientMs).toFixed(0)} images/s; ` +
    `PGD-${ATTACK_STEPS} step ${stepMs.toFixed(1)} ms = ${((model.batch * 1000) / stepMs).toFixed(1)} images/s`,
);
if (process.argv.includes('--profile')) {
  const { kernels } = await tf.profile(trainingStep);
  const total = new Map();
  for (const { name: kernel, kernelTimeMs } of kernels)
    total.set(kernel, (total.get(kernel) ?? 0) + (await kernelTimeMs));
  console.table(Object.fromEntries([...total].sort((a, b) => b[1] - a[1]).slice(0, 20)));
}
