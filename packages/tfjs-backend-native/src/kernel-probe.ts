// Calls one of our kernels directly on numbers drawn from a seed, so that a test sees whether it served the call.
import '@tensorflow/tfjs';
import { fileURLToPath } from 'node:url';
import { type DataType, engine, findBackend, type Tensor, tensor, type TensorInfo, tidy } from '@tensorflow/tfjs-core';
import { installNativeBackend, NATIVE_BACKEND } from './install-native-backend.ts';
import type { NativeBackend } from './native-backend.ts';
import type { KernelCall } from './native-kernel.ts';
import { nativeKernels } from './native-kernels.ts';

/** Shared by all test files and by the clone's commands. */
export const cacheFolder = fileURLToPath(new URL('../../../.reseed/native', import.meta.url));

const installation = await installNativeBackend({ cacheFolder });

/** Whether tests of kernels have to be skipped: they cannot be built here. */
export const isMissing = typeof installation === 'string';
if (typeof installation === 'string') console.warn(`Skipped, because ${installation}`);

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

/** A tensor operand of as many drawn numbers as the shape needs. */
export function draw(seed: number, shape: readonly number[], lowest: -1 | 0 = -1): Operand & { values: Float32Array } {
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, values: drawValues(seed, size, lowest) };
}

/** Every operand a tensor, in the scope of the caller. */
export function asTensors(operands: Operands): Record<string, Tensor> {
  const given = Object.entries(operands).filter((entry): entry is [string, Operand] => entry[1] !== undefined);
  return Object.fromEntries(
    given.map(([name, { values, shape, dtype = 'float32' }]) => {
      const typed =
        dtype === 'float32'
          ? Float32Array.from(values)
          : dtype === 'bool'
            ? Uint8Array.from(values)
            : Int32Array.from(values);
      return [name, tensor(typed, [...shape], dtype)];
    }),
  );
}

/**
 * What our kernel gives, a list where it gives several; undefined when it leaves the call to the stock kernel.
 * @throws when the kernel wrote to an operand, or did not give the same bits twice
 */
export function probe(name: string, operands: Operands, attrs: Attributes = {}): Result[] | undefined {
  const backend = findBackend(NATIVE_BACKEND) as NativeBackend;
  let results: Result[] | undefined;
  tidy(() => {
    const inputs = asTensors(operands);
    const before = Object.values(inputs).map(bytesOf);
    const run = (): Result[] | undefined => {
      const call = { inputs, attrs } as unknown as KernelCall<never, never>;
      const returned = nativeKernels[name](backend, call) as TensorInfo | TensorInfo[] | undefined;
      if (returned === undefined) return undefined;
      return [returned].flat().map((info) => read(engine().makeTensorFromTensorInfo(info)));
    };
    results = run();
    if (Object.values(inputs).some((input, i) => !bytesOf(input).equals(before[i]))) {
      throw new Error(`${name} wrote to an operand`);
    }
    const again = run();
    if (results?.some(({ values }, i) => !bytes(values).equals(bytes((again as Result[])[i].values)))) {
      throw new Error(`${name} gave other bits when it was called again`);
    }
  });
  return results;
}

/** The result of a kernel with a single one. @throws when it did not serve the call */
export function compute(name: string, operands: Operands, attrs: Attributes = {}): Result {
  const results = probe(name, operands, attrs);
  if (results?.length !== 1) throw new Error(`${name} did not serve ${JSON.stringify(attrs)} with one result`);
  return results[0];
}

const bytes = (values: Float32Array): Buffer => Buffer.from(values.buffer, values.byteOffset, values.byteLength);

function bytesOf(input: Tensor): Buffer {
  const { buffer, byteOffset, byteLength } = input.dataSync();
  return Buffer.from(buffer, byteOffset, byteLength);
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
