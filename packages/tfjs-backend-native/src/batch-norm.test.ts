// Batch norm with and without relu, and its gradient, against plain float64 loops.
import { BATCH_NORM, BATCH_NORM_GRADIENT, RUNNING_NORM } from '@reseed/fused-kernels';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { draw, isMissing, probe, relativeError } from './kernel-probe.ts';

interface Case {
  readonly shape: readonly [number, number, number, number];
  readonly activation: 'relu' | 'linear';
  readonly seed: number;
  /** how far the channels lie from 0, in standard deviations */
  readonly offset: number;
}

const EPSILON = 1e-5;

const cases: fc.Arbitrary<Case> = fc.record({
  shape: fc.tuple(
    fc.integer({ min: 2, max: 9 }),
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 70 }),
  ),
  activation: fc.constantFrom('relu', 'linear'),
  seed: fc.nat(),
  offset: fc.constantFrom(0, 0, 10),
});

function operandsOf({ shape, seed, offset }: Case) {
  const vector = [shape[3]];
  const drawn = draw(seed, shape);
  const x = { ...drawn, values: drawn.values.map((value) => value + offset) };
  return { x, weight: draw(seed + 1, vector, 0), bias: draw(seed + 2, vector), dy: draw(seed + 3, shape) };
}

type Operands = ReturnType<typeof operandsOf>;

/** Values of one channel, in float64. */
const channelOf = (
  { values, shape }: { readonly values: Float32Array; readonly shape: readonly number[] },
  c: number,
) => Float64Array.from(values.filter((_, i) => i % (shape.at(-1) as number) === c));

const meanOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

function statisticsOf({ x }: Operands) {
  const channels = Array.from({ length: x.shape[3] as number }, (_, c) => channelOf(x, c));
  const mean = channels.map(meanOf);
  const variance = channels.map((values, c) => meanOf(values.map((value) => (value - mean[c]) ** 2)));
  return { mean, variance };
}

type Statistics = ReturnType<typeof statisticsOf>;

/** Channel after channel: the input behind the centre, the output before the relu, and the gradient. */
function reference(operands: Operands, { mean, variance }: Statistics, activation: string, statistics: string) {
  const channels = mean.map((centre, c) => {
    const inverse = 1 / Math.sqrt(variance[c] + EPSILON);
    const scale = operands.weight.values[c] * inverse;
    const centred = channelOf(operands.x, c).map((value) => value - centre);
    const before = centred.map((value) => value * scale + operands.bias.values[c]);
    const dy = channelOf(operands.dy, c).map((value, i) => (activation === 'relu' && before[i] <= 0 ? 0 : value));
    const product = meanOf(dy.map((value, i) => value * centred[i]));
    const moving = statistics === 'of_x' ? 1 : 0;
    const dx = dy.map((value, i) => scale * (value - moving * (meanOf(dy) + centred[i] * inverse ** 2 * product)));
    const y = activation === 'relu' ? before.map((value) => Math.max(0, value)) : before;
    // A relu may fall to either side of 0 where float32 rounds to it.
    const close = before.some(
      (value) => activation === 'relu' && Math.abs(value) < 1e-5 * (1 + Math.abs(centre * scale)),
    );
    return { y, dx, dweight: dy.length * product * inverse, dbias: dy.length * meanOf(dy), close };
  });
  const interleave = (part: 'y' | 'dx') =>
    Array.from(operands.x.values, (_, i) => channels[i % channels.length][part][Math.floor(i / channels.length)]);
  return {
    y: interleave('y'),
    dx: interleave('dx'),
    dweight: channels.map(({ dweight }) => dweight),
    dbias: channels.map(({ dbias }) => dbias),
    close: channels.some(({ close }) => close),
  };
}

const vectorOf = (values: readonly number[]) => ({ shape: [values.length], values: Float32Array.from(values) });

describe.skipIf(isMissing)('batch norm by the batch', () => {
  it('has the statistics and the output of float64', () => {
    fc.assert(
      fc.property(cases, (given) => {
        const operands = operandsOf(given);
        const { x, weight, bias } = operands;
        const attrs = { epsilon: EPSILON, activation: given.activation };
        const statistics = statisticsOf(operands);
        const wanted = reference(operands, statistics, given.activation, 'of_x');
        const [y, mean, variance] = probe(BATCH_NORM, { x, weight, bias }, attrs) ?? [];
        expect(y.shape).toEqual(given.shape);
        // What an offset of 10 standard deviations costs a float32 in x itself is not the kernel's.
        const limit = 1e-5 * (1 + given.offset);
        expect(relativeError(mean.values, statistics.mean, x.values)).toBeLessThanOrEqual(1e-5);
        expect(relativeError(variance.values, statistics.variance, statistics.variance)).toBeLessThanOrEqual(limit);
        expect(relativeError(y.values, wanted.y, [...wanted.y, 1])).toBeLessThanOrEqual(limit);
      }),
    );
  });

  it('has the gradient of float64', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom('of_x', 'given'), (given, statistics) => {
        const operands = operandsOf(given);
        const { dy, x, weight, bias } = operands;
        const found = statisticsOf(operands);
        const attrs = { epsilon: EPSILON, activation: given.activation, statistics };
        const wanted = reference(operands, found, given.activation, statistics);
        fc.pre(!wanted.close);
        const inputs = { dy, x, weight, bias, mean: vectorOf(found.mean), variance: vectorOf(found.variance) };
        const [dx, dweight, dbias] = probe(BATCH_NORM_GRADIENT, inputs, attrs) ?? [];
        const limit = 1e-4 * (1 + given.offset);
        const terms = x.values.length / found.mean.length;
        expect(relativeError(dx.values, wanted.dx, [...wanted.dx, 1])).toBeLessThanOrEqual(limit);
        expect(relativeError(dweight.values, wanted.dweight, [...wanted.dweight, terms])).toBeLessThanOrEqual(limit);
        expect(relativeError(dbias.values, wanted.dbias, [...wanted.dbias, terms])).toBeLessThanOrEqual(1e-4);
      }),
    );
  });

  it('takes sums that fill many parts, of one channel and of many', () => {
    for (const [channels, images] of [
      [1, 300],
      [64, 40],
    ]) {
      const operands = operandsOf({ shape: [images, 11, 13, channels], activation: 'relu', seed: 7, offset: 10 });
      const { x, weight, bias } = operands;
      const statistics = statisticsOf(operands);
      const [, mean, variance] = probe(BATCH_NORM, { x, weight, bias }, { epsilon: EPSILON, activation: 'relu' }) ?? [];
      expect(relativeError(mean.values, statistics.mean, statistics.mean)).toBeLessThanOrEqual(1e-6);
      expect(relativeError(variance.values, statistics.variance, statistics.variance)).toBeLessThanOrEqual(1e-5);
    }
  });

  it('keeps NaN behind a relu', () => {
    const x = { shape: [2, 1, 1, 1], values: Float32Array.of(1, Number.NaN) };
    const [y] =
      probe(BATCH_NORM, { x, weight: vectorOf([1]), bias: vectorOf([0]) }, { epsilon: 0, activation: 'relu' }) ?? [];
    expect([...y.values]).toEqual([Number.NaN, Number.NaN]);
  });
});

describe.skipIf(isMissing)('batch norm by running statistics', () => {
  it('has the output of float64', () => {
    fc.assert(
      fc.property(cases, (given) => {
        const operands = operandsOf(given);
        const { x, weight, bias } = operands;
        const found = statisticsOf(operands);
        const statistics = { mean: [...vectorOf(found.mean).values], variance: [...vectorOf(found.variance).values] };
        const inputs = { x, weight, bias, mean: vectorOf(found.mean), variance: vectorOf(found.variance) };
        const attrs = { epsilon: EPSILON, activation: given.activation };
        const wanted = reference(operands, statistics, given.activation, 'given').y;
        const [y] = probe(RUNNING_NORM, inputs, attrs) ?? [];
        expect(relativeError(y.values, wanted, [...wanted, 1])).toBeLessThanOrEqual(1e-5 * (1 + given.offset));
      }),
    );
  });
});
