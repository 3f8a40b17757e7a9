// Calls one of our kernels directly on numbers drawn from a seed, so that a test sees whether it served the call.
import {
  backend,
  type DataType,
  engine,
  type NamedAttrMap,
  type Tensor,
  tensor,
  type TensorInfo,
  tidy,
} from '@tensorflow/tfjs-core';
import { installPortableBackend, portableKernels } from './install-portable-backend.ts';
import { type KernelCall, KernelModule, type WasmBackend } from './kernel-module.ts';

await installPortableBackend();
const module = await KernelModule.load(backend() as WasmBackend);

export type KernelName = keyof typeof portableKernels;

export interface Operand {
  readonly values: ArrayLike<number>;
  readonly shape: readonly number[];
  readonly dtype?: DataType;
}

export interface Result {
  readonly shape: number[];
  readonly values: Float32Array;
}

export type Operands = Readonly<Record<string, Operand | undefined>>;
export type Attributes = Readonly<Record<string, unknown>>;

/** Numbers in [lowest, 1), the same for the same seed (Numerical Recipes' 32-bit generator). */
export function drawValues(seed: number, size: number, lowest: -1 | 0 = -1): Float32Array {
  let state = Math.imul(seed + 1, 2654435761) >>> 0;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return lowest + ((1 - lowest) * (state >>> 8)) / 2 ** 24;
  });
}

/** A tensor operand of these numbers, or of as many drawn ones as the shape needs. */
export function draw(seed: number, shape: readonly number[], lowest: -1 | 0 = -1): Operand & { values: Float32Array } {
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, values: drawValues(seed, size, lowest) };
}

/** Every operand a tensor, in the scope of the caller. */
export function asTensors(operands: Operands): Record<string, Tensor> {
  const given = Object.entries(operands).filter((entry): entry is [string, Operand] => entry[1] !== undefined);
  return Object.fromEntries(
    given.map(([name, { values, shape, dtype = 'float32' }]) => {
      const typed = dtype === 'float32' ? Float32Array.from(values) : Int32Array.from(values);
      return [name, tensor(typed, [...shape], dtype)];
    }),
  );
}

/**
 * What our kernel gives, a list where it gives several; undefined when it leaves the call to the stock kernel.
 * @throws when the kernel wrote to an operand
 */
export function probe(name: KernelName, operands: Operands, attrs: Attributes = {}): Result[] | undefined {
  const kernel = portableKernels[name] as (module: KernelModule, call: KernelCall<object, unknown>) => Returned;
  let results: Result[] | undefined;
  tidy(() => {
    const inputs = asTensors(operands);
    const before = Object.values(inputs).map(bytesOf);
    const returned = kernel(module, { inputs, attrs });
    if (Object.values(inputs).some((input, i) => !bytesOf(input).equals(before[i]))) {
      throw new Error(`${name} wrote to an operand`);
    }
    if (returned === undefined) return;
    results = [returned].flat().map((info) => read(engine().makeTensorFromTensorInfo(info)));
  });
  return results;
}

type Returned = TensorInfo | TensorInfo[] | undefined;

/** The result of a kernel with a single one. @throws when it did not serve the call */
export function compute(name: KernelName, operands: Operands, attrs: Attributes = {}): Result {
  const results = probe(name, operands, attrs);
  if (results?.length !== 1) throw new Error(`${name} did not serve ${JSON.stringify(attrs)} with one result`);
  return results[0];
}

/** The same call as tfjs-core makes it: ours if it serves, else the stock kernel. */
export function runInstalled(name: string, operands: Operands, attrs: Attributes = {}): Result[] {
  let results: Result[] = [];
  tidy(() => {
    const returned = engine().runKernel(name, asTensors(operands), attrs as NamedAttrMap);
    results = [returned].flat().map(read);
  });
  return results;
}

function bytesOf(input: Tensor): Buffer {
  return Buffer.from(input.dataSync().buffer);
}

function read(result: Tensor): Result {
  return { shape: result.shape, values: Float32Array.from(result.dataSync()) };
}

/**
 * The largest distance between `actual` and `expected`, relative to the largest magnitude in `scale`: the reference of
 * the operands' magnitudes, which is `expected` itself where no operand is negative and does not cancel out elsewhere.
 */
export function relativeError(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  scale: ArrayLike<number>,
): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  let distance = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(scale[i]));
    distance = Math.max(distance, Math.abs(actual[i] - expected[i]));
  }
  return distance === 0 ? 0 : distance / largest;
}

export const magnitudes = (values: Float32Array): Float32Array => values.map(Math.abs);
