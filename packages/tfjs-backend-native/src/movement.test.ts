// Kernels that only move numbers, against the stock JavaScript backend, to the bit.
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { NATIVE_BACKEND } from './install-native-backend.ts';
import { type Attributes, asTensors, draw, isMissing, type Operands, probe } from './kernel-probe.ts';

afterEach(() => tf.setBackend(isMissing ? 'cpu' : NATIVE_BACKEND));

/** Ours serves the call and gives what the stock kernel gives. */
async function expectSame(name: string, operands: Operands, attrs: Attributes): Promise<void> {
  const results = probe(name, operands, attrs);
  await tf.setBackend('cpu');
  const stock = tf.tidy(() =>
    [tf.engine().runKernel(name, asTensors(operands), attrs as tf.NamedAttrMap)]
      .flat()
      .map((tensor) => ({ shape: tensor.shape, values: Float32Array.from(tensor.dataSync()) })),
  );
  await tf.setBackend(NATIVE_BACKEND);
  expect(results).toEqual(stock);
}

const shapes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 });
const check = <T>(cases: fc.Arbitrary<T>, body: (drawn: T) => Promise<void>) =>
  fc.assert(fc.asyncProperty(cases, body));

describe.skipIf(isMissing)('moving numbers', () => {
  it('Transpose, by any permutation', () =>
    check(
      shapes.chain((shape) => {
        const axes = shape.map((_, axis) => axis);
        return fc.tuple(fc.constant(shape), fc.shuffledSubarray(axes, { minLength: axes.length }), fc.nat());
      }),
      ([shape, perm, seed]) => expectSame('Transpose', { x: draw(seed, shape) }, { perm }),
    ));

  it('PadV2, with any margins and value', () =>
    check(
      shapes.chain((shape) =>
        fc.record({
          shape: fc.constant(shape),
          paddings: fc.tuple(...shape.map(() => fc.tuple(fc.nat(3), fc.nat(3)))),
          constantValue: fc.constantFrom(0, -1.5),
          seed: fc.nat(),
        }),
      ),
      ({ shape, seed, ...attrs }) => expectSame('PadV2', { x: draw(seed, shape) }, attrs),
    ));

  it('Slice, of any part', () =>
    check(
      shapes.chain((shape) => {
        const ranges = shape.map((length) =>
          fc
            .nat(length - 1)
            .chain((begin) => fc.tuple(fc.constant(begin), fc.integer({ min: 0, max: length - begin }))),
        );
        return fc.tuple(fc.constant(shape), fc.tuple(...ranges), fc.nat());
      }),
      ([shape, ranges, seed]) => {
        const [begin, size] = [0, 1].map((part) => ranges.map((range) => range[part]));
        return expectSame('Slice', { x: draw(seed, shape) }, { begin, size });
      },
    ));

  it('SplitV and Concat, along any axis, with empty parts', () =>
    check(
      fc.tuple(shapes, fc.nat(3), fc.array(fc.nat(4), { minLength: 1, maxLength: 4 }), fc.nat()),
      async ([drawn, at, parts, seed]) => {
        const axis = at % drawn.length;
        const total = parts.reduce((sum, part) => sum + part, 0);
        const along = (length: number) => drawn.map((other, i) => (i === axis ? length : other));
        await expectSame('SplitV', { x: draw(seed, along(total)) }, { numOrSizeSplits: parts, axis });
        const joined = Object.fromEntries(parts.map((part, i) => [String(i), draw(seed + i, along(part))]));
        const [result] = probe('Concat', joined, { axis: axis - drawn.length }) ?? [];
        const cut = probe('SplitV', { x: result }, { numOrSizeSplits: parts, axis }) ?? [];
        expect(cut.map(({ values }) => values)).toEqual(Object.values(joined).map(({ values }) => values));
      },
    ));

  it('Reverse, along any axes', () =>
    check(
      shapes.chain((shape) => fc.tuple(fc.constant(shape), fc.subarray(shape.map((_, axis) => axis)), fc.nat())),
      ([shape, dims, seed]) => expectSame('Reverse', { x: draw(seed, shape) }, { dims }),
    ));

  it('GatherV2, of any rows along any axis', () =>
    check(
      fc.tuple(shapes, fc.nat(3), fc.array(fc.nat(100), { minLength: 1, maxLength: 7 }), fc.nat()),
      ([shape, at, drawn, seed]) => {
        const axis = at % shape.length;
        const indices = {
          shape: [drawn.length],
          values: drawn.map((row) => row % shape[axis]),
          dtype: 'int32' as const,
        };
        return expectSame('GatherV2', { x: draw(seed, shape), indices }, { axis, batchDims: 0 });
      },
    ));

  it('leaves rows that are not there, integers and batches of tables to the stock kernel', () => {
    const x = draw(1, [3, 2]);
    const indices = { shape: [2], values: [0, 3], dtype: 'int32' as const };
    expect(probe('GatherV2', { x, indices }, { axis: 0, batchDims: 0 })).toBeUndefined();
    const integers = { ...x, dtype: 'int32' as const };
    expect(probe('Transpose', { x: integers }, { perm: [1, 0] })).toBeUndefined();
    expect(probe('Slice', { x: integers }, { begin: [0, 0], size: [1, 1] })).toBeUndefined();
  });
});
