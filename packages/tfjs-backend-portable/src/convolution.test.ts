// Conv2D, FusedConv2D and both gradients against plain float64 loops.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as reference from '@reseed/fused-kernels/float64-reference';
import type { Padding, Shape4D } from '@reseed/fused-kernels/float64-reference';
import { type Attributes, compute, draw, magnitudes, probe, relativeError } from './kernel-probe.ts';

const FORWARD = 1e-5;
const GRADIENT = 1e-4;

interface Case {
  readonly input: Shape4D;
  readonly filter: Shape4D;
  readonly strides: readonly [number, number];
  readonly pad: Padding;
  readonly seed: number;
  readonly lowest: -1 | 0;
}

const margin = fc.integer({ min: 0, max: 3 });
const padding = fc.oneof(
  fc.constantFrom<Padding>('same', 'valid'),
  margin,
  fc.tuple(margin, margin, margin, margin).map(
    ([top, bottom, left, right]): Padding => [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ],
  ),
);
const convolutions: fc.Arbitrary<Case> = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    image: fc.tuple(fc.integer({ min: 1, max: 11 }), fc.integer({ min: 1, max: 11 })),
    window: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
    inChannels: fc.constantFrom(1, 2, 3, 4, 5, 8, 9),
    outChannels: fc.constantFrom(1, 3, 4, 7, 8, 9, 17),
    strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    pad: padding,
    seed: fc.nat(),
    lowest: fc.constantFrom<(-1 | 0)[]>(-1, 0),
  })
  .map(({ batch, image, window, inChannels, outChannels, strides, pad, ...rest }) => {
    // tfjs-core 4.22 sizes both axes by the height's window and stride when the padding is one number.
    const square = ([height, width]: [number, number]): [number, number] =>
      typeof pad === 'number' ? [height, height] : [height, width];
    return {
      input: [batch, ...image, inChannels] as Shape4D,
      filter: [...square(window), inChannels, outChannels] as Shape4D,
      strides: square(strides),
      pad,
      ...rest,
    };
  })
  .filter(({ input, filter, strides, pad }) => {
    const { output } = reference.windowsOf(input, filter, strides, pad);
    return output[1] > 0 && output[2] > 0;
  });

/** More images than a block of 256 kB holds, with a shorter last one, and more windows than a panel block. */
const blocks: readonly Case[] = [
  { input: [7, 40, 40, 8], filter: [3, 3, 8, 8], strides: [1, 1], pad: 'same', seed: 1, lowest: 0 },
  {
    input: [5, 29, 31, 3],
    filter: [5, 3, 3, 33],
    strides: [1, 2],
    pad: [
      [0, 0],
      [1, 2],
      [3, 0],
      [0, 0],
    ],
    seed: 2,
    lowest: -1,
  },
  { input: [2, 9, 9, 64], filter: [5, 5, 64, 20], strides: [2, 2], pad: 'same', seed: 3, lowest: 0 },
];

const attributes = ({ strides, pad }: Pick<Case, 'strides' | 'pad'>): Attributes => ({
  strides,
  pad,
  dataFormat: 'NHWC',
  dilations: [1, 1],
  dimRoundingMode: undefined,
});

function operands(given: Case) {
  const windows = reference.windowsOf(given.input, given.filter, given.strides, given.pad);
  const [x, filter, bias, dy] = [given.input, given.filter, given.filter.slice(3), windows.output].map((shape, i) =>
    draw(given.seed + i, shape, given.lowest),
  );
  return { windows, x, filter, bias, dy };
}

function expectConvolution(given: Case): void {
  const { windows, x, filter } = operands(given);
  const { shape, values } = compute('Conv2D', { x, filter }, attributes(given));
  expect(shape).toEqual(windows.output);
  const expected = reference.convolve(windows, x.values, filter.values);
  const scale = reference.convolve(windows, magnitudes(x.values), magnitudes(filter.values));
  expect(relativeError(values, expected, scale)).toBeLessThanOrEqual(FORWARD);
}

function expectInputGradient(given: Case): void {
  const { windows, dy, filter } = operands(given);
  const attrs = { ...attributes(given), inputShape: given.input };
  const { shape, values } = compute('Conv2DBackpropInput', { dy, filter }, attrs);
  expect(shape).toEqual(given.input);
  const expected = reference.convolveBackToInput(windows, dy.values, filter.values);
  const scale = reference.convolveBackToInput(windows, magnitudes(dy.values), magnitudes(filter.values));
  expect(relativeError(values, expected, scale)).toBeLessThanOrEqual(GRADIENT);
}

function expectFilterGradient(given: Case): void {
  const { windows, x, dy } = operands(given);
  const attrs = { ...attributes(given), filterShape: given.filter };
  const { shape, values } = compute('Conv2DBackpropFilter', { x, dy }, attrs);
  expect(shape).toEqual(given.filter);
  const expected = reference.convolveBackToFilter(windows, x.values, dy.values);
  const scale = reference.convolveBackToFilter(windows, magnitudes(x.values), magnitudes(dy.values));
  expect(relativeError(values, expected, scale)).toBeLessThanOrEqual(GRADIENT);
}

describe('Conv2D', () => {
  it('on any shape', () => fc.assert(fc.property(convolutions, expectConvolution)));
  it.each(blocks)('over several blocks: $input * $filter', expectConvolution);
});

describe('Conv2DBackpropInput', () => {
  it('on any shape', () => fc.assert(fc.property(convolutions, expectInputGradient)));
  it.each(blocks)('over several blocks: $input * $filter', expectInputGradient);
});

describe('Conv2DBackpropFilter', () => {
  it('on any shape', () => fc.assert(fc.property(convolutions, expectFilterGradient)));
  it.each(blocks)('over several blocks: $input * $filter', expectFilterGradient);
});

describe('FusedConv2D', () => {
  const endings = fc.record({ biased: fc.boolean(), activation: fc.constantFrom('linear' as const, 'relu' as const) });

  it('is a convolution, a bias and an activation, on any shape', () =>
    fc.assert(
      fc.property(convolutions, endings, (given, { biased, activation }) => {
        const { windows, x, filter, bias } = operands(given);
        const attrs = { ...attributes(given), activation };
        const { shape, values } = compute('FusedConv2D', { x, filter, bias: biased ? bias : undefined }, attrs);
        expect(shape).toEqual(windows.output);
        const ending = biased ? bias.values : undefined;
        const expected = reference.finish(reference.convolve(windows, x.values, filter.values), ending, activation);
        const scale = reference.convolve(windows, magnitudes(x.values), magnitudes(filter.values));
        expect(relativeError(values, expected, reference.finish(scale, ending?.map(Math.abs), 'linear'))).toBeLessThan(
          FORWARD,
        );
      }),
    ));
});

describe('a border wider than the windows reach', () => {
  // The only window ends long before the image begins: a copy that counts backwards writes before its target.
  const given: Case = {
    input: [2, 2, 1, 3],
    filter: [2, 2, 3, 4],
    strides: [1, 300],
    pad: [
      [0, 0],
      [0, 0],
      [200, 0],
      [0, 0],
    ],
    seed: 4,
    lowest: 0,
  };

  it('gives zeros, forward and backward', () => {
    const { x, filter, dy } = operands(given);
    const zeros = (size: number) => new Float32Array(size);
    expect(compute('Conv2D', { x, filter }, attributes(given)).values).toEqual(zeros(8));
    const toInput = compute('Conv2DBackpropInput', { dy, filter }, { ...attributes(given), inputShape: given.input });
    expect(toInput.values).toEqual(zeros(12));
    const toFilter = compute('Conv2DBackpropFilter', { x, dy }, { ...attributes(given), filterShape: given.filter });
    expect(toFilter.values).toEqual(zeros(48));
  });
});

describe('images that no window fits', () => {
  it.each([1, 3, 4])('give an empty result and no gradient, stride %d', (stride) => {
    const attrs = attributes({ strides: [stride, stride], pad: 'valid' });
    const [x, filter, dy] = [draw(1, [2, 2, 2, 3]), draw(2, [3, 3, 3, 4]), draw(3, [2, 0, 0, 4])];
    expect(compute('Conv2D', { x, filter }, attrs).shape).toEqual([2, 0, 0, 4]);
    const toInput = compute('Conv2DBackpropInput', { dy, filter }, { ...attrs, inputShape: x.shape });
    expect(toInput).toEqual({ shape: x.shape, values: new Float32Array(24) });
    const toFilter = compute('Conv2DBackpropFilter', { x, dy }, { ...attrs, filterShape: filter.shape });
    expect(toFilter).toEqual({ shape: filter.shape, values: new Float32Array(108) });
  });
});

describe('numbers that are not finite', () => {
  const windows = reference.windowsOf([1, 6, 5, 3], [3, 3, 3, 9], [1, 1], 'same');
  const attrs = { strides: 1, pad: 'same', dataFormat: 'NHWC', dilations: 1 };
  const classes = (values: Iterable<number>) =>
    Array.from(values, (value) => (Number.isFinite(value) ? 'finite' : String(value)));

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('%d stays where it is seen', (special) => {
    const [x, filter, dy] = [draw(1, windows.input), draw(2, [3, 3, 3, 9]), draw(3, windows.output)];
    x.values[3 * 7 + 1] = special;
    dy.values[9 * 20 + 8] = special;
    const forward = reference.finish(reference.convolve(windows, x.values, filter.values), undefined, 'relu');
    const { values } = compute('FusedConv2D', { x, filter }, { ...attrs, activation: 'relu' });
    expect(classes(values)).toEqual(classes(forward));
    expect(classes(values)).toContain('finite');
    const toInput = compute('Conv2DBackpropInput', { dy, filter }, { ...attrs, inputShape: windows.input });
    expect(classes(toInput.values)).toEqual(classes(reference.convolveBackToInput(windows, dy.values, filter.values)));
    expect(classes(toInput.values)).not.toEqual(classes(new Float32Array(toInput.values.length)));
  });
});

describe('what is left to the stock kernels', () => {
  const [x, filter, bias] = [draw(1, [1, 5, 5, 2]), draw(2, [3, 3, 2, 4]), draw(3, [4])];
  const attrs = { strides: 1, pad: 'valid', dataFormat: 'NHWC', dilations: 1, activation: 'linear' };

  it.each([
    ['dilation', { x, filter }, { dilations: 2 }],
    ['channels first', { x: draw(1, [1, 2, 5, 5]), filter }, { dataFormat: 'NCHW' }],
    ['another activation', { x, filter, bias }, { activation: 'elu' }],
    ['a bias of another shape', { x, filter, bias: draw(3, [1]) }, {}],
  ] as const)('%s', (_, given, change) => {
    expect(probe('FusedConv2D', given, { ...attrs, ...change })).toBeUndefined();
  });
});
