// What holds for every kernel: it is right, gives the same bits whatever was computed before, and leaves no memory behind.
import { pgdStepLinf } from '@reseed/fused-kernels';
import '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as reference from '@reseed/fused-kernels/float64-reference';
import { installPortableBackend, portableKernels, UnsupportedKernelCallError } from './install-portable-backend.ts';
import type { WasmBackend } from './kernel-module.ts';
import {
  type Attributes,
  draw,
  type KernelName,
  magnitudes,
  type Operand,
  type Operands,
  probe,
  relativeError,
  runInstalled,
} from './kernel-probe.ts';

interface Call {
  readonly operands: Operands;
  readonly attrs?: Attributes;
  /** The results one after the other, or what they are relative to when called with magnitudes. */
  readonly expected: (values: Readonly<Record<string, Float32Array>>) => ArrayLike<number>;
}

const windows = reference.windowsOf([4, 13, 11, 5], [3, 3, 5, 19], [2, 1], 'same');
const [x, filter, bias, dy] = [draw(1, windows.input), draw(2, [3, 3, 5, 19]), draw(3, [19]), draw(4, windows.output)];
const convolution = { strides: [2, 1], pad: 'same', dataFormat: 'NHWC', dilations: 1 };
const product = { m: 53, k: 600, n: 21, transposeA: true, transposeB: false };
const [a, b] = [draw(5, [600, 53]), draw(6, [600, 21])];
const pooling = reference.windowsOf([3, 12, 10, 7], [2, 3, 7, 7], [2, 2], 'valid');
const pooled = draw(7, pooling.input);
const ids = Int32Array.from({ length: 50 }, (_, i) => (i * 7) % 12);
const [image, slope] = [draw(8, [3, 10, 10, 1], 0), draw(9, [3, 10, 10, 1])];

/** One call of every kernel; the compiler asks for those that are missing, and so does the first test. */
const calls: Readonly<Record<KernelName, Call>> = {
  _FusedMatMul: {
    operands: { a, b, bias: draw(3, [21]) },
    attrs: { ...product, activation: 'linear' },
    expected: (given) => reference.finish(reference.multiply(product, given.a, given.b), given.bias, 'linear'),
  },
  Add: {
    operands: { a: x, b: draw(3, [5]) },
    expected: (given) => given.a.map((value, i) => value + given.b[i % 5]),
  },
  BatchMatMul: {
    operands: { a, b },
    attrs: product,
    expected: (given) => reference.multiply(product, given.a, given.b),
  },
  Cast: { operands: { x }, attrs: { dtype: 'float32' }, expected: (given) => given.x },
  Conv2D: {
    operands: { x, filter },
    attrs: convolution,
    expected: (given) => reference.convolve(windows, given.x, given.filter),
  },
  Conv2DBackpropFilter: {
    operands: { x, dy },
    attrs: { ...convolution, filterShape: filter.shape },
    expected: (given) => reference.convolveBackToFilter(windows, given.x, given.dy),
  },
  Conv2DBackpropInput: {
    operands: { dy, filter },
    attrs: { ...convolution, inputShape: x.shape },
    expected: (given) => reference.convolveBackToInput(windows, given.dy, given.filter),
  },
  FusedConv2D: {
    operands: { x, filter, bias },
    attrs: { ...convolution, activation: 'relu' },
    expected: (given) => reference.finish(reference.convolve(windows, given.x, given.filter), given.bias, 'relu'),
  },
  Identity: { operands: { x }, expected: (given) => given.x },
  Maximum: {
    operands: { a: image, b: slope },
    expected: (given) => given.a.map((value, i) => Math.max(value, given.b[i])),
  },
  MaxPoolGrad: {
    operands: {
      input: pooled,
      output: { shape: pooling.output, values: reference.maxPool(pooling, pooled.values) },
      dy: draw(10, pooling.output),
    },
    attrs: { filterSize: [2, 3], strides: [2, 2], pad: 'valid' },
    expected: (given) => reference.maxPoolGradient(pooling, pooled.values, given.dy),
  },
  Minimum: {
    operands: { a: image, b: slope },
    expected: (given) => given.a.map((value, i) => Math.min(value, given.b[i])),
  },
  PgdStepLinf: {
    operands: { adversarial: image, gradient: slope, clean: image },
    attrs: { stepSize: 0.25, epsilon: 0.5 },
    expected: (given) =>
      image.values.map((value, i) => Math.min(Math.max(value + Math.sign(given.gradient[i]) / 4, 0), 1)),
  },
  Sign: { operands: { x }, expected: (given) => given.x.map(Math.sign) },
  SplitV: { operands: { x }, attrs: { numOrSizeSplits: [1, 0, 3], axis: 0 }, expected: (given) => given.x },
  Sum: {
    operands: { x },
    attrs: { axis: [1, 2] },
    expected: (given) => reference.sum(x.shape, given.x, 1, 2),
  },
  UnsortedSegmentSum: {
    operands: { x: draw(11, [50, 9]), segmentIds: { shape: [50], values: ids, dtype: 'int32' } },
    attrs: { numSegments: 11 },
    expected: (given) => reference.sumSegments(given.x, ids, 9, 11),
  },
};
const names = Object.keys(portableKernels) as KernelName[];

const heapBytes = () => (tf.backend() as WasmBackend).wasm.HEAPU8.byteLength;
const run = (name: KernelName) => runInstalled(name, calls[name].operands, calls[name].attrs);

/** Blocks of the wasm heap that `action` takes and does not give back. */
function blocksKept(action: () => void): number {
  const { wasm } = tf.backend() as WasmBackend;
  const { _malloc, _free } = wasm;
  let kept = 0;
  wasm._malloc = (bytes) => {
    kept++;
    return _malloc(bytes);
  };
  wasm._free = (address) => {
    kept--;
    _free(address);
  };
  try {
    action();
  } finally {
    Object.assign(wasm, { _malloc, _free });
  }
  return kept;
}

/** The operands, each as `change` makes it; ids stay what they are. */
function changed(operands: Operands, change: (values: Float32Array) => Float32Array): Record<string, Operand> {
  const given = Object.entries(operands) as [string, Operand][];
  return Object.fromEntries(
    given.map(([key, operand]) => [
      key,
      operand.dtype === 'int32' ? operand : { ...operand, values: change(Float32Array.from(operand.values)) },
    ]),
  );
}

const valuesOf = (operands: Operands) =>
  Object.fromEntries(
    Object.entries(changed(operands, (same) => same)).map(([key, { values }]) => [key, values]),
  ) as Record<string, Float32Array>;

/** Fills what the heap has free, and our scratch space, with NaN. */
function poison(): void {
  const garbage = [1 << 18, 1 << 15, 1 << 12, 100, 10, 1].flatMap((size) =>
    Array.from({ length: 8 }, () => tf.fill([size], Number.NaN)),
  );
  tf.dispose(garbage);
  for (const name of names) {
    runInstalled(
      name,
      changed(calls[name].operands, (values) => values.fill(Number.NaN)),
      calls[name].attrs,
    );
  }
}

let before: tf.MemoryInfo;
beforeEach(() => {
  before = tf.memory();
});
afterEach(() => {
  const { numTensors, numDataBuffers, numBytes } = tf.memory();
  expect({ numTensors, numDataBuffers, numBytes }).toMatchObject({
    numTensors: before.numTensors,
    numDataBuffers: before.numDataBuffers,
    numBytes: before.numBytes,
  });
});

it('has a call of every kernel', () => {
  expect(Object.keys(calls).toSorted()).toEqual(names.toSorted());
});

describe.each(names)('%s', (name) => {
  const { operands, attrs, expected } = calls[name];

  it('agrees with float64', () => {
    const results = run(name);
    const values = results.flatMap((result) => [...result.values]);
    const scale = expected(valuesOf(changed(operands, magnitudes)));
    expect(relativeError(values, expected(valuesOf(operands)), scale)).toBeLessThanOrEqual(1e-5);
    expect(probe(name, operands, attrs)).toEqual(results);
  });

  it('gives the same bits again, whatever was in memory', () => {
    const first = run(name);
    expect(run(name)).toEqual(first);
    poison();
    expect(run(name)).toEqual(first);
  });

  it('leaves no memory behind', () => {
    run(name);
    const bytes = heapBytes();
    const repeat = () => {
      for (let i = 0; i < 100; i++) run(name);
    };
    expect(blocksKept(repeat)).toBe(0);
    expect(heapBytes()).toBe(bytes);
  });
});

it('a clone outlives its original', () => {
  const original = tf.tensor1d([1, 2, 3]);
  const clone = tf.clone(original);
  const { numDataBuffers } = tf.memory();
  original.dispose();
  expect(tf.memory().numDataBuffers).toBe(numDataBuffers);
  poison();
  expect([...clone.dataSync()]).toEqual([1, 2, 3]);
  clone.dispose();
});

it('the heap may grow in the middle of a computation', () => {
  const bytes = heapBytes();
  const filled = tf.fill([bytes / 4], 0.5);
  expect(heapBytes()).toBeGreaterThan(bytes);
  for (const name of names) expect(run(name)).toEqual(probe(name, calls[name].operands, calls[name].attrs));
  filled.dispose();
});

it('scratch space that grows is given back', () => {
  const larger = { x: draw(1, [1, 300, 300, 8]), filter: draw(2, [3, 3, 8, 8]) };
  expect(blocksKept(() => runInstalled('Conv2D', larger, convolution))).toBe(0);
});

it('installing again changes nothing', async () => {
  const installed = names.map((name) => tf.getKernel(name, 'wasm').kernelFunc);
  await tf.setBackend('cpu');
  await Promise.all([installPortableBackend(), installPortableBackend()]);
  expect(tf.getBackend()).toBe('wasm');
  expect(names.map((name) => tf.getKernel(name, 'wasm').kernelFunc)).toEqual(installed);
});

describe('a call that ours does not serve', () => {
  const image5 = draw(1, [1, 5, 5, 2]);
  const given = { x: image5, filter: draw(2, [3, 3, 2, 4]) };

  it('goes to the stock kernel', async () => {
    const both = async (compute: () => tf.Tensor) => {
      await tf.setBackend('cpu');
      const wanted = tf.tidy(() => [...compute().dataSync()]);
      await installPortableBackend();
      return [tf.tidy(() => [...compute().dataSync()]), wanted] as const;
    };
    const tensor = ({ shape, values }: Operand) => tf.tensor(Float32Array.from(values), [...shape]);
    const [images, filters] = [() => tensor(given.x) as tf.Tensor4D, () => tensor(given.filter) as tf.Tensor4D];
    const computations = [
      () => tf.conv2d(images(), filters(), 1, 'same', 'NHWC', 2),
      () => tf.fused.conv2d({ x: images(), filter: filters(), strides: 1, pad: 'valid', activation: 'sigmoid' }),
      () => tf.sum(tf.tensor2d([1, 2, 3, 4], [2, 2], 'int32'), 0),
      () => tf.sum(images(), [0, 2]),
      () => tf.maximum(tf.tensor1d([1, -2], 'int32'), tf.tensor1d([0, 5], 'int32')),
      () => tf.add(tf.tensor2d([1, 2], [2, 1]), tf.tensor2d([3, 4], [1, 2])),
      () => tf.cast(tf.tensor1d([1.5, -2.5]), 'int32'),
      () => tf.split(images(), 2, 3)[1] as tf.Tensor,
    ];
    for (const computation of computations) {
      const [actual, wanted] = await both(computation);
      expect(relativeError(actual, wanted, wanted)).toBeLessThanOrEqual(1e-5);
    }
  });

  it('is refused where there is no stock kernel', () => {
    const attrs = { ...convolution, dataFormat: 'NCHW', filterShape: [3, 3, 2, 4] };
    const channelsFirst = { x: draw(1, [1, 2, 5, 5]), dy: draw(2, [1, 4, 3, 5]) };
    const refused = () => runInstalled('Conv2DBackpropFilter', channelsFirst, attrs);
    expect(refused).toThrow(UnsupportedKernelCallError);
    expect(refused).toThrow(/^Conv2DBackpropFilter: neither the portable nor the stock wasm backend serves .*NCHW/);
  });
});

it('pgdStepLinf needs tensors of one shape', () => {
  tf.tidy(() => {
    const [small, large] = [tf.zeros([2, 2]), tf.zeros([2, 3])];
    const reach = { stepSize: 0.5, epsilon: 0.25 };
    const step = (gradient: tf.Tensor, clean: tf.Tensor) => pgdStepLinf({ adversarial: small, gradient, clean }, reach);
    expect(() => step(large, small)).toThrow('gradient');
    expect(() => step(small, large)).toThrow('clean');
    expect([...step(tf.ones([2, 2]), small).dataSync()]).toEqual([0.25, 0.25, 0.25, 0.25]);
  });
});
