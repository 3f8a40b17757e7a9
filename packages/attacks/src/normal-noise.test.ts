// Starts: which stream they come from, in which order they are drawn, and where they may lie.
import { attackNormalStream, evaluationStream, NumpyRandomState, seedWords } from '@reseed/rng';
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { distance } from './ball.ts';
import { evaluationNumpyStream, noiseAtDistance, noiseWithin, restartNumber } from './evaluation-noise.ts';
import { fillL2Noise, fillNormalNoise } from './normal-noise.ts';
import { batchOf, randomRun } from './random-network.ts';
import { fillUniformNoise } from './uniform-noise.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('fillNormalNoise', () => {
  it('draws 0.001·N(0, 1) in the order (n, C, H, W)', () => {
    const [images, height, width, channels] = [2, 2, 3, 3];
    const drawn = attackNormalStream(7, 1, 2, 0).fillStandardNormal(
      new Float64Array(images * height * width * channels),
    );
    const noise = new Float32Array(drawn.length);
    fillNormalNoise(attackNormalStream(7, 1, 2, 0), noise, [height, width, channels], 0.001);
    for (let n = 0; n < images; n++)
      for (let c = 0; c < channels; c++)
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++) {
            const nchw = ((n * channels + c) * height + y) * width + x;
            expect(noise[((n * height + y) * width + x) * channels + c]).toBe(Math.fround(0.001 * drawn[nchw]));
          }
  });
});

describe('fillL2Noise', () => {
  it('has, per image, the length r·epsilon with the r that follow all directions', () => {
    const [count, size, epsilon] = [4, 12, 0.5];
    const noise = new Float32Array(count * size);
    fillL2Noise(new NumpyRandomState(3), noise, [2, 3, 2], epsilon);
    const stream = new NumpyRandomState(3);
    stream.fillStandardNormal(new Float64Array(count * size));
    for (let i = 0; i < count; i++) {
      const length = Math.hypot(...noise.subarray(i * size, (i + 1) * size));
      expect(length).toBeCloseTo(stream.randomSample() * epsilon, 6);
    }
  });
});

describe('evaluation starts', () => {
  it('come from the stream of (seed, EVAL, restart, position)', () => {
    const words = seedWords([2021, 0x80000005, 3, 17]);
    expect(evaluationNumpyStream(2021, 3, 17).randomSample()).toBe(new NumpyRandomState(words).randomSample());
  });

  it.each(['Linf', 'L2'] as const)('%s: lie in the ball, or at the distance asked for', (norm) => {
    const batch = batchOf(randomRun(5, 6, { norm, epsilon: 0.3, seed: 9 }));
    const zero = new Float32Array(batch.images.size);
    const size = zero.length / 6;
    const [within, surface] = [noiseWithin(batch, 0), noiseAtDistance(batch, 0, 0.3)].map((noise) => noise.dataSync());
    for (let i = 0; i < 6; i++) {
      const lengthOf = (noise: ArrayLike<number>) =>
        distance(Float32Array.from(noise).subarray(i * size, (i + 1) * size), zero.subarray(0, size), norm);
      expect(lengthOf(within)).toBeLessThan(0.3);
      expect(lengthOf(surface)).toBeCloseTo(0.3, 6);
    }
  });

  it('are those of the tracking attack for PGD in L∞', () => {
    const batch = batchOf(randomRun(5, 1, { norm: 'Linf', epsilon: 0.3, seed: 9 }));
    const expected = new Float32Array(batch.images.size);
    fillUniformNoise(evaluationStream(9, 2, 0), expected, [6, 5, 2], 0.3);
    expect(noiseWithin(batch, restartNumber('pgd', { target: 0, restart: 2 })).dataSync()).toEqual(expected);
  });

  it('no two attacks, targets or restarts share a stream', () => {
    const numbers = (['pgd', 'apgd-ce', 'apgd-dlr', 'apgd-t', 'fab-t', 'square'] as const).flatMap((attack) =>
      [0, 1, 9].flatMap((target) => [0, 1, 255].map((restart) => restartNumber(attack, { target, restart }))),
    );
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});
