// Convolutions (GFLOP/s) and PGD-10 training steps (images/s) of madry-cnn and PreActResNet-18, portable and native in one run:
// node packages/training/bench/compare-cpu-backends.mjs [--batch 128] [--repeats 3] [--only native|portable] [--skip-steps].
// Images are a fixed wave: speed does not depend on their values.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { installPortableBackend } from '@reseed/tfjs-backend-portable';
import { installNativeBackend } from '@reseed/tfjs-backend-native';

const { values } = parseArgs({
  options: {
    batch: { type: 'string', default: '128' },
    repeats: { type: 'string', default: '3' },
    only: { type: 'string' },
    'skip-steps': { type: 'boolean', default: false },
  },
});
const BATCH = Number(values.batch);
const REPEATS = Number(values.repeats);
const ATTACK_STEPS = 10;
const cacheFolder = fileURLToPath(new URL('../../../.reseed/native', import.meta.url));

const BACKENDS = {
  portable: () => installPortableBackend(),
  native: async () => {
    const opened = await installNativeBackend({ cacheFolder, threads: Number(process.env.OMP_NUM_THREADS) || 1 });
    if (typeof opened === 'string') throw new Error(opened);
    console.log(`native: oneDNN ${opened.oneDnnVersion}, ${opened.threads} thread(s), ${opened.instructionSet}`);
  },
};

/** [model, side, channels in, channels out, filter, stride] */
const CONVOLUTIONS = [
  ['madry-cnn', 28, 1, 32, 5, 1],
  ['madry-cnn', 14, 32, 64, 5, 1],
  ['preactresnet-18', 32, 3, 64, 3, 1],
  ['preactresnet-18', 32, 64, 64, 3, 1],
  ['preactresnet-18', 32, 64, 128, 3, 2],
  ['preactresnet-18', 16, 128, 128, 3, 1],
  ['preactresnet-18', 16, 128, 256, 3, 2],
  ['preactresnet-18', 8, 256, 256, 3, 1],
  ['preactresnet-18', 8, 256, 512, 3, 2],
  ['preactresnet-18', 4, 512, 512, 3, 1],
  ['preactresnet-18', 32, 64, 128, 1, 2],
];

function wave(shape, scale = 1, shift = 0) {
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => shift + scale * Math.sin(i * 1.7)),
    shape,
  );
}

/** Shortest time in milliseconds; the first call, which plans and allocates, is not counted. */
function best(action) {
  tf.dispose(action());
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < REPEATS; i++) {
    const start = performance.now();
    const result = action();
    shortest = Math.min(shortest, performance.now() - start);
    tf.dispose(result);
  }
  return shortest;
}

function benchConvolutions(backend) {
  for (const [model, side, from, to, filter, stride] of CONVOLUTIONS) {
    const border = (filter - 1) / 2;
    const margins = [border, border];
    const attrs = { strides: stride, pad: [[0, 0], margins, margins, [0, 0]], dataFormat: 'NHWC' };
    const x = wave([BATCH, side, side, from]);
    const w = wave([filter, filter, from, to]);
    const forward = () => tf.engine().runKernel('Conv2D', { x, filter: w }, { ...attrs, dilations: 1 });
    const dy = forward();
    const toInput = () =>
      tf.engine().runKernel('Conv2DBackpropInput', { dy, filter: w }, { ...attrs, inputShape: x.shape });
    const toFilter = () => tf.engine().runKernel('Conv2DBackpropFilter', { x, dy }, { ...attrs, filterShape: w.shape });
    const operations = 2 * dy.size * filter * filter * from;
    const rates = [forward, toInput, toFilter].map((action) => (operations / best(action) / 1e6).toFixed(1));
    const shape = `${side}x${side}x${from} * ${filter}x${filter}/${stride} -> ${to}`;
    console.log(
      `${backend.padEnd(9)}${model.padEnd(16)}${shape.padEnd(28)}` +
        `forward ${rates[0]}, to input ${rates[1]}, to filter ${rates[2]} GFLOP/s`,
    );
    tf.dispose([x, w, dy]);
  }
}

function madry() {
  const parameters = [[5, 5, 1, 32], [32], [5, 5, 32, 64], [64], [3136, 1024], [1024], [1024, 10], [10]];
  const weights = parameters.map((shape) => tf.variable(wave(shape, 0.02)));
  const logits = (x) => {
    let h = x;
    for (const at of [0, 2]) {
      const [filter, bias] = weights.slice(at, at + 2);
      h = tf.fused.conv2d({ x: h, filter, strides: 1, pad: 'same', bias, activation: 'relu' });
      h = tf.maxPool(h, 2, 2, 'valid');
    }
    h = tf.fused.matMul({ a: h.reshape([BATCH, 3136]), b: weights[4], bias: weights[5], activation: 'relu' });
    return tf.fused.matMul({ a: h, b: weights[6], bias: weights[7] });
  };
  return { side: 28, channels: 1, weights, logits };
}

/** With batch norm as one scale and shift per channel, by running statistics: the convolutions are what counts. */
function preactResnet18() {
  const weights = [];
  const variable = (shape, scale, shift) => {
    const made = tf.variable(wave(shape, scale, shift));
    weights.push(made);
    return made;
  };
  const convolution = (from, to, filter, stride) => {
    const w = variable([filter, filter, from, to], 1 / filter / Math.sqrt(from));
    const margins = [(filter - 1) / 2, (filter - 1) / 2];
    return (x) => tf.conv2d(x, w, stride, filter === 1 ? 'valid' : [[0, 0], margins, margins, [0, 0]]);
  };
  const activation = (channels) => {
    const [scale, shift] = [variable([channels], 0.1, 1), variable([channels], 0.1)];
    return (x) => tf.relu(tf.add(tf.mul(x, scale), shift));
  };
  const block = (from, to, stride) => {
    const [first, second] = [activation(from), activation(to)];
    const [into, out] = [convolution(from, to, 3, stride), convolution(to, to, 3, 1)];
    const shortcut = from === to && stride === 1 ? undefined : convolution(from, to, 1, stride);
    return (x) => {
      const h = first(x);
      return tf.add(out(second(into(h))), shortcut ? shortcut(h) : x);
    };
  };
  const groups = [
    [64, 64, 1],
    [64, 128, 2],
    [128, 256, 2],
    [256, 512, 2],
  ].flatMap(([from, to, stride]) => [block(from, to, stride), block(to, to, 1)]);
  const layers = [convolution(3, 64, 3, 1), ...groups, activation(512)];
  const [w, b] = [variable([512, 10], 0.05), variable([10], 0.05)];
  const logits = (x) =>
    tf.add(
      tf.matMul(
        tf.mean(
          layers.reduce((h, layer) => layer(h), x),
          [1, 2],
        ),
        w,
      ),
      b,
    );
  return { side: 32, channels: 3, weights, logits };
}

function benchSteps(backend, name, make) {
  const { side, channels, weights, logits } = make();
  const clean = wave([BATCH, side, side, channels], 0.5, 0.5);
  const classes = Array.from({ length: BATCH }, (_, i) => i % 10);
  const labels = tf.oneHot(tf.tensor1d(classes, 'int32'), 10).toFloat();
  const loss = (x) => tf.logSoftmax(logits(x)).mul(labels).sum().div(-BATCH);
  const slope = tf.grad(loss);
  const optimizer = tf.train.sgd(1e-4);
  const step = () =>
    tf.tidy(() => {
      let x = clean;
      for (let i = 0; i < ATTACK_STEPS; i++) {
        const [adversarial, gradient] = [x, slope(x)];
        const attrs = { stepSize: 0.01, epsilon: 0.03 };
        x = tf.engine().runKernel('PgdStepLinf', { adversarial, gradient, clean }, attrs);
      }
      optimizer.minimize(() => loss(x), false, weights);
    });
  const milliseconds = best(step);
  const rate = ((BATCH * 1000) / milliseconds).toFixed(2);
  console.log(
    `${backend.padEnd(9)}${name}, batch ${BATCH}: PGD-${ATTACK_STEPS} step ${milliseconds.toFixed(0)} ms = ${rate} images/s`,
  );
  tf.dispose([clean, labels, ...weights]);
}

for (const [name, open] of Object.entries(BACKENDS)) {
  if (values.only !== undefined && values.only !== name) continue;
  await open();
  benchConvolutions(name);
  if (values['skip-steps']) continue;
  benchSteps(name, 'madry-cnn', madry);
  benchSteps(name, 'preactresnet-18', preactResnet18);
}
