// Convolutions of madry-cnn and PreActResNet-18 (GFLOP/s), portable and native in one run; `reseed bench train` has whole steps:
// node packages/training/bench/compare-cpu-backends.mjs [--batch 128] [--repeats 3] [--only native|portable].
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
  },
});
const BATCH = Number(values.batch);
const REPEATS = Number(values.repeats);
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

for (const [name, open] of Object.entries(BACKENDS)) {
  if (values.only !== undefined && values.only !== name) continue;
  await open();
  benchConvolutions(name);
}
