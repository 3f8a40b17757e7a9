// MaxPool, AvgPool and both their gradients against plain float64 loops.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as reference from '@reseed/fused-kernels/float64-reference';
import type { Shape4D } from '@reseed/fused-kernels/float64-reference';
import { compute, draw, isMissing, magnitudes, probe, relativeError } from './kernel-probe.ts';

interface Case {
  readonly input: Shape4D;
  readonly size: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pad: 'same' | 'valid';
  readonly seed: number;
}

const cases: fc.Arbitrary<Case> = fc
  .record({
    input: fc.tuple(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 11 }),
      fc.integer({ min: 1, max: 11 }),
      fc.constantFrom(1, 3, 8, 17, 32),
    ),
    size: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    pad: fc.constantFrom('same' as const, 'valid' as const),
    seed: fc.nat(),
  })
  .filter(({ input, size, pad }) => pad === 'same' || (size[0] <= input[1] && size[1] <= input[2]));

function prepare({ input, size, strides, pad, seed }: Case) {
  const windows = reference.windowsOf(input, [...size, input[3], input[3]], strides, pad);
  const { values, shape } = draw(seed, input);
  // Coarse, so that a window has several maxima.
  const x = { shape, values: values.map((value) => Math.round(value * 4) / 4) };
  const attrs = { filterSize: size, strides, pad };
  return { windows, x, dy: draw(seed + 1, windows.output), attrs };
}

describe.skipIf(isMissing)('MaxPool', () => {
  it('and its gradient, on any shape', () =>
    fc.assert(
      fc.property(cases, (given) => {
        const { windows, x, dy, attrs } = prepare(given);
        const pooled = compute('MaxPool', { x }, attrs);
        expect(pooled.shape).toEqual(windows.output);
        expect([...pooled.values]).toEqual([...reference.maxPool(windows, x.values)]);

        const gradient = compute('MaxPoolGrad', { dy, input: x, output: pooled }, attrs);
        expect(gradient.shape).toEqual(given.input);
        const expected = reference.maxPoolGradient(windows, x.values, dy.values);
        const scale = reference.maxPoolGradient(windows, x.values, magnitudes(dy.values));
        expect(relativeError(gradient.values, expected, scale)).toBeLessThanOrEqual(1e-4);
      }),
    ));

  it('is NaN where a window sees one, and sends the gradient to it', () => {
    const x = { shape: [1, 1, 4, 1], values: [1, Number.NaN, 2, 3] };
    const attrs = { filterSize: [1, 2], strides: [1, 2], pad: 'valid' };
    const pooled = compute('MaxPool', { x }, attrs);
    expect([...pooled.values]).toEqual([Number.NaN, 3]);
    const dy = { shape: [1, 1, 2, 1], values: [5, 7] };
    expect([...compute('MaxPoolGrad', { dy, input: x, output: pooled }, attrs).values]).toEqual([0, 5, 0, 7]);
  });
});

/** The mean of what each window sees: a convolution in which every channel keeps to itself. */
function averageInFloat64(windows: reference.Windows, x: ArrayLike<number>): Float64Array {
  const taps = windows.filterHeight * windows.filterWidth;
  const channels = windows.input[3];
  const eachAlone = new Float32Array(taps * channels * channels);
  for (let tap = 0; tap < taps; tap++)
    for (let c = 0; c < channels; c++) eachAlone[(tap * channels + c) * channels + c] = 1;
  return reference.convolve(windows, x, eachAlone).map((sum) => sum / taps);
}

describe.skipIf(isMissing)('AvgPool', () => {
  it('and its gradient, on any shape without a border', () =>
    fc.assert(
      fc.property(cases, (drawn) => {
        const given = { ...drawn, input: [...drawn.input.slice(0, 3), Math.min(drawn.input[3], 3)] as Shape4D };
        const { windows, x, dy, attrs } = prepare(given);
        const pooled = probe('AvgPool', { x }, attrs);
        if (pooled === undefined) {
          expect(given.pad).toBe('same');
          return;
        }
        const scale = averageInFloat64(windows, magnitudes(x.values));
        expect(relativeError(pooled[0].values, averageInFloat64(windows, x.values), scale)).toBeLessThanOrEqual(1e-5);

        // <dy, pool(x)> = <gradient, x> for every x, as pooling is linear.
        const { values } = compute('AvgPoolGrad', { dy, input: x }, attrs);
        const product = (a: ArrayLike<number>, b: ArrayLike<number>) =>
          Array.from(a).reduce((sum, value, i) => sum + value * b[i], 0);
        const wanted = product(dy.values, averageInFloat64(windows, x.values));
        const most = product(magnitudes(dy.values), scale);
        expect(Math.abs(product(values, x.values) - wanted)).toBeLessThanOrEqual(1e-4 * most);
      }),
    ));
});
