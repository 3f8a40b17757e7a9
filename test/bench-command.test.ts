// `reseed bench` on training steps: what it prints, what it refuses, and whether the PyTorch twin does the same work.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveCondition } from '@reseed/experiment';
import { encodeSafetensors, getModel } from '@reseed/models';
import { Mt19937 } from '@reseed/rng';
import { openBackend, stepOperationsOf } from '@reseed/training';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { reseed } from './services/reseed-command.ts';

// Importing torch takes seconds, and tens of them on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

const folder = mkdtempSync(join(tmpdir(), 'reseed-bench-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const twin = join(import.meta.dirname, 'bench/torch-twin.py');
/** A Python that can import torch, where there is one. */
const python = process.env['TORCH_PYTHON'] ?? 'python3';
const torch = (() => {
  try {
    return execFileSync(python, ['-c', 'import torch; print(torch.__version__)'], { encoding: 'utf8', stdio: 'pipe' });
  } catch {
    return undefined;
  }
})();
if (torch === undefined) {
  console.warn(`the PyTorch twin is not tested: ${python} cannot import torch; TORCH_PYTHON names a Python that can`);
}

const SMALL = ['--model', 'tiny-cnn', '--steps', '2', '--batch', '4', '--backend', 'portable'];

interface Speeds {
  readonly [field: string]: unknown;
  readonly imagesPerSecond: number;
  readonly imagesPerSecondMin: number;
  readonly imagesPerSecondMax: number;
  readonly stepMs: number;
  readonly gflopsPerSecond: number;
  readonly matrixProductGflopsPerSecond: number;
}
interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly ci95: readonly [number, number];
}
interface SideBySide {
  readonly scaling: Summary;
  readonly rounds: readonly { order: string; alone: number; together: number; scaling: number }[];
}
interface Ratio {
  readonly ratio: Summary;
  readonly rounds: readonly { order: string; ours: Speeds; pytorch: Speeds; ratio: number }[];
}

const documentOf = async <T>(args: readonly string[]): Promise<T> => {
  const { code, stdout, stderr } = await reseed(['bench', ...args, '--json']);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as T;
};
const refused = async (args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await reseed(['bench', ...args]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  return stderr;
};

describe('reseed bench train', () => {
  it('measures steps and says what they are held against', async () => {
    const figures = await documentOf<Speeds>(['train', ...SMALL, '--batches', '5', '--warmup', '1']);
    expect(figures).toMatchObject({
      model: 'tiny-cnn',
      method: 'pgd',
      steps: 2,
      batch: 4,
      batches: 5,
      warmup: 1,
      backend: 'wasm-simd',
      deviceClass: 'cpu',
      threads: 1,
      versions: { node: process.version },
      flopsPerStep: 6_684_160,
    });
    const { imagesPerSecond, imagesPerSecondMin, imagesPerSecondMax, stepMs } = figures;
    expect(imagesPerSecondMin).toBeGreaterThan(0);
    expect(imagesPerSecond).toBeGreaterThanOrEqual(imagesPerSecondMin);
    expect(imagesPerSecond).toBeLessThanOrEqual(imagesPerSecondMax);
    expect(imagesPerSecond * stepMs).toBeCloseTo(4000, 6);
    expect(figures.gflopsPerSecond).toBeCloseTo(6_684_160 / stepMs / 1e6, 9);
    const roof = figures.matrixProductGflopsPerSecond;
    expect(figures['shareOfMatrixProduct']).toBeCloseTo(figures.gflopsPerSecond / roof, 9);
    expect(figures['backendClass']).toMatch(/^wasm-simd\//);
  });

  it('takes colour models, and prints two lines to a person', async () => {
    const flags = [
      '--model',
      'preactresnet-18',
      '--method',
      'plain',
      '--batch',
      '2',
      '--batches',
      '1',
      '--warmup',
      '0',
    ];
    const { code, stdout } = await reseed(['bench', 'train', ...flags, '--backend', 'portable']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^preactresnet-18, plain, batch 2, wasm-simd\/\S+, 1 thread\(s\): .* images\/s .* ms a step\n/,
    );
    expect(stdout).toMatch(/\nroofline: \S+ GFLOP\/s, \d+ % of the \S+ GFLOP\/s of a large matrix product here\n$/);
  });

  it.each([
    [['--model', 'preactresnet18'], 'did you mean "preactresnet-18"?'],
    [['--backend', 'wgpu'], 'Allowed choices are auto, portable, native, tensorflow, gpu'],
    [['--backend', 'portable', '--threads', '2'], 'threads: backend "wasm-simd" computes in 1 thread(s), got 2'],
    [['--backend', 'gpu', '--threads', '2'], 'threads: backend "gpu" takes no number of threads, got 2'],
    [['--threads', '0'], 'must be a whole number from 1 to 1024'],
    [['--batches', 'many'], 'must be a whole number from 1 to 100000'],
    [['--method', 'trades'], 'Allowed choices are plain, fgsm, pgd'],
  ])('refuses %j', async (flags, message) => {
    expect(await refused(['train', ...flags])).toContain(message);
  });
});

describe('reseed bench side-by-side', () => {
  it('holds two processes against one', async () => {
    const figures = await documentOf<SideBySide>(['side-by-side', ...SMALL, '--seconds', '1', '--rounds', '2']);
    expect(figures).toMatchObject({ model: 'tiny-cnn', streams: 2, threads: 1 });
    const { rounds, scaling } = figures;
    expect(rounds.map(({ order }) => order)).toEqual(['first_then_second', 'second_then_first']);
    for (const { alone, together, scaling: ratio } of rounds) {
      expect(alone).toBeGreaterThan(0);
      expect(ratio).toBeCloseTo(together / alone, 9);
    }
    expect([scaling.min, scaling.max]).toEqual(rounds.map((round) => round.scaling).sort((a, b) => a - b));
    expect(scaling.ci95[0]).toBeLessThan(scaling.ci95[1]);
  });

  it('passes on why its processes could not start, and asks for more time where there was too little', async () => {
    const said = await refused(['side-by-side', '--backend', 'portable', '--threads', '2']);
    expect(said).toContain('computes in 1 thread(s), got 2');
    expect(said).toContain('ended early with exit code 1');
    const slow = [
      '--model',
      'wrn-40-2-trades',
      '--method',
      'plain',
      '--batch',
      '32',
      '--warmup',
      '0',
      '--seconds',
      '1',
    ];
    expect(await refused(['side-by-side', ...slow, '--backend', 'portable'])).toMatch(/--seconds: .* give it more/);
  });
});

describe('reseed bench ratio', () => {
  it('names a Python that is missing, a model without twin, and a PyTorch that cannot be imported', async () => {
    expect(await refused(['ratio', '--python', join(folder, 'python')])).toContain('--python PATH names one');
    expect(await refused(['ratio', '--model', 'small-cnn'])).toContain('no benchmark of "small-cnn"');
    const without = join(folder, 'without-torch');
    writeFileSync(without, '#!/bin/sh\nexec python3 -S -I "$@"\n', { mode: 0o755 });
    expect(await refused(['ratio', '--python', without])).toMatch(
      /PyTorch cannot be imported by \S+ \(Python 3[\d.]+\): No module named 'torch'.* --python PATH/,
    );
  });

  it.skipIf(torch === undefined)('alternates, and its ratios are those of the rounds', async () => {
    const flags = [...SMALL, '--batches', '2', '--warmup', '1', '--rounds', '2', '--python', python];
    const { code, stdout, stderr } = await reseed(['bench', 'ratio', ...flags, '--json']);
    expect(code).toBe(0);
    expect(stderr).toContain(`PyTorch ${torch?.trim()} of Python 3`);
    const { ratio, rounds } = JSON.parse(stdout) as Ratio;
    expect(rounds.map(({ order }) => order)).toEqual(['first_then_second', 'second_then_first']);
    for (const { ours, pytorch, ratio: own } of rounds) {
      expect(own).toBeCloseTo(ours.imagesPerSecond / pytorch.imagesPerSecond, 9);
      const shared = ['model', 'method', 'steps', 'batch', 'batches', 'warmup', 'threads', 'flopsPerStep'];
      for (const field of shared) expect({ [field]: pytorch[field] }).toEqual({ [field]: ours[field] });
    }
    expect(ratio.median).toBeCloseTo((rounds[0].ratio + rounds[1].ratio) / 2, 9);
  });
});

describe.skipIf(torch === undefined)('the PyTorch twin', () => {
  beforeAll(() => openBackend({ device: 'cpu', backend: 'portable' }));
  const ask = (...args: string[]): unknown =>
    JSON.parse(execFileSync(python, [twin, ...args, '--json'], { encoding: 'utf8' }));

  it.each(['tiny-cnn', 'madry-cnn', 'preactresnet-18'] as const)('%s is the same network', (name) => {
    const model = getModel(name);
    const [height, width, channels] = model.imageShape;
    const generator = new Mt19937(7);
    const pixels = Float32Array.from({ length: 2 * channels * height * width }, () => generator.nextDouble());
    const weights = model.initialise(3);
    const buffers = model.buffers.map(({ size, initial }) =>
      Float32Array.from({ length: size }, () => initial + 0.2 * generator.nextDouble()),
    );
    const torchWeights = model.toTorchLayout(weights.map((tensor) => tensor.dataSync() as Float32Array));
    const [weightFile, imageFile] = [join(folder, `${name}.safetensors`), join(folder, `${name}.images`)];
    writeFileSync(weightFile, encodeSafetensors(model, torchWeights, buffers));
    writeFileSync(imageFile, pixels);
    const ours = tf.tidy(() => {
      const images = tf.transpose(tf.tensor4d(pixels, [2, channels, height, width]), [0, 2, 3, 1]) as tf.Tensor4D;
      const running = buffers.map((values) => tf.tensor1d(values));
      return model.forward(weights, images, { batchNorm: 'eval', buffers: running }).arraySync();
    });
    tf.dispose(weights);
    const answer = ask('--model', name, '--weights', weightFile, '--images', imageFile);
    const { parameterCount, logits } = answer as { parameterCount: number; logits: number[][] };
    expect(parameterCount).toBe(model.parameterCount);
    ours.flat().forEach((value, i) => expect(logits.flat()[i]).toBeCloseTo(value, 4));
  });

  it.each([
    ['madry-cnn', 'fgsm', 'mnist'],
    ['preactresnet-18', 'pgd', 'cifar10'],
  ])('%s, %s: the same operations a step', (model, method, dataset) => {
    const work = [
      '--model',
      model,
      '--method',
      method,
      '--steps',
      '3',
      '--batch',
      '2',
      '--batches',
      '1',
      '--warmup',
      '0',
    ];
    const figures = ask(...work, '--threads', '1') as Speeds;
    const attack = method === 'pgd' ? { steps: 3 } : {};
    const { condition } = resolveCondition({ model, method, attack, batchSize: 2, dataset: { name: dataset } });
    expect(figures['flopsPerStep']).toBe(stepOperationsOf(condition));
    expect(figures).toMatchObject({
      backend: 'pytorch',
      threads: 1,
      model,
      method,
      versions: { torch: torch?.trim() },
    });
    expect(figures.imagesPerSecond).toBeGreaterThan(0);
  });
});
