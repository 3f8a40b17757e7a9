// Memory of the backend: arrays go from tensor to tensor and never to two at once.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { NATIVE_BACKEND, ThreadsFixedError, installNativeBackend } from './install-native-backend.ts';
import { cacheFolder, drawValues, isMissing } from './kernel-probe.ts';
import { nativeKernels } from './native-kernels.ts';

/** Large enough for the pool. */
const SIZE = 5000;

/** Products under the profiler of Node.js, whose signals come every millisecond. */
const PROFILED = `
  await import('@tensorflow/tfjs');
  const tf = await import('@tensorflow/tfjs-core');
  const { installNativeBackend } = await import('@reseed/tfjs-backend-native');
  await installNativeBackend({ cacheFolder: process.argv[1] });
  const x = tf.ones([32, 28, 28, 1]), dy = tf.ones([32, 28, 28, 32]);
  const attrs = { strides: 1, pad: 'same', dataFormat: 'NHWC', filterShape: [5, 5, 1, 32] };
  const end = performance.now() + 1500;
  while (performance.now() < end) tf.engine().runKernel('Conv2DBackpropFilter', { x, dy }, attrs).dispose();
`;

it.skipIf(isMissing)('is not hurt by signals, which oneDNN has no room for while it computes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'reseed-profile-'));
  const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=200', '--input-type=module', '-e'];
  await promisify(execFile)(process.execPath, [...flags, PROFILED, cacheFolder], { cwd: import.meta.dirname });
  expect(readdirSync(folder)).toHaveLength(1);
  rmSync(folder, { recursive: true });
});

describe.skipIf(isMissing)('the native backend', () => {
  beforeAll(() => tf.setBackend(NATIVE_BACKEND));

  it('has every stock kernel and every one of ours', () => {
    const names = new Set(tf.getKernelsForBackend(NATIVE_BACKEND).map(({ kernelName }) => kernelName));
    for (const { kernelName } of tf.getKernelsForBackend('cpu')) expect(names).toContain(kernelName);
    for (const name of Object.keys(nativeKernels)) expect(names).toContain(name);
  });

  it('copies what it is given and what it gives', () => {
    const given = drawValues(1, SIZE);
    const kept = given.slice();
    const x = tf.tensor1d(given);
    given.fill(7);
    const read = x.dataSync();
    expect(read).toEqual(kept);
    read.fill(9);
    expect(x.dataSync()).toEqual(kept);
    x.dispose();
    const next = tf.tensor1d(new Float32Array(SIZE).fill(3));
    expect(read[0]).toBe(9);
    next.dispose();
  });

  it('leaves alone what a stock kernel may have made a view of', () => {
    const x = tf.tensor1d(drawValues(2, SIZE));
    const wanted = x.dataSync();
    // Served by the stock kernel, which returns a part of the same memory.
    const part = tf.tidy(() => tf.stridedSlice(tf.add(x, 0), [0], [SIZE - 1], [1]));
    const overwriting = [4, 5, 6].map((value) => tf.fill([SIZE], value).add(0));
    expect(part.dataSync()).toEqual(wanted.subarray(0, SIZE - 1));
    tf.dispose([x, part, ...overwriting]);
  });

  it('keeps a shared array until its last tensor is gone', () => {
    const x = tf.tensor1d(drawValues(3, SIZE)).add(0);
    const wanted = x.dataSync();
    const shaped = x.reshape([50, 100]);
    x.dispose();
    const others = [1, 2].map((value) => tf.mul(tf.tensor1d(new Float32Array(SIZE).fill(value)), 2));
    expect(shaped.dataSync()).toEqual(wanted);
    shaped.dispose();
    tf.dispose(others);
  });

  it('gives the same bits again and again on re-used memory, and loses no tensor', () => {
    const x = tf.tensor4d(drawValues(4, 2 * 16 * 16 * 8), [2, 16, 16, 8]);
    const filter = tf.tensor4d(drawValues(5, 3 * 3 * 8 * 24), [3, 3, 8, 24]);
    const differentiate = () =>
      tf.tidy(() =>
        tf
          .grad((images: tf.Tensor) =>
            tf
              .conv2d(images as tf.Tensor4D, filter, 1, 'same')
              .relu()
              .sum(),
          )(x)
          .dataSync(),
      );
    const first = differentiate();
    const { numTensors, numDataBuffers } = tf.memory();
    for (let i = 0; i < 30; i++) expect(differentiate()).toEqual(first);
    expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
    tf.dispose([x, filter]);
  });

  it('takes tensors of other backends over', async () => {
    await tf.setBackend('cpu');
    const x = tf.tensor1d([1, 2, 3]);
    await tf.setBackend(NATIVE_BACKEND);
    const sum = x.add(1);
    expect([...sum.dataSync()]).toEqual([2, 3, 4]);
    tf.dispose([x, sum]);
  });

  it('computes with as many threads as the process began with', async () => {
    expect(await installNativeBackend({ cacheFolder })).toMatchObject({ threads: 1 });
    await expect(installNativeBackend({ cacheFolder, threads: 2 })).rejects.toThrow(ThreadsFixedError);
  });
});
