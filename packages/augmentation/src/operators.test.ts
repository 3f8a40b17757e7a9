// The operators of the learnt and random policies: torchvision's pixels, and what the golden image cannot show.
import { expect, test } from 'vitest';
import { GOLDEN_SHAPE, golden, goldenImage } from './golden-vectors.ts';
import type { ImageShape } from './image-method.ts';
import { applyOperator, type OperatorName, OPERATORS } from './operators.ts';
import { roundHalfEven } from './round-half-even.ts';
import { affineMap, warpImage } from './warp-image.ts';

/** The operator that a golden name and its factor, threshold, angle, … stand for. */
function operatorOf(name: string): [operator: OperatorName, magnitude: number] {
  const [word, number = '0'] = name.split(' ');
  const value = Number(number);
  switch (word) {
    case 'brightness':
    case 'contrast':
    case 'sharpness':
      return [word, value - 1];
    case 'shearX':
      return ['shear_x', value];
    case 'shearY':
      return ['shear_y', value];
    case 'translateX':
      return ['translate_x', value];
    case 'translateY':
      return ['translate_y', value];
    case 'autocontrast':
      return ['auto_contrast', value];
    default:
      return [word as OperatorName, value];
  }
}

function applied(name: OperatorName, magnitude: number, image: Uint8Array, shape: ImageShape): number[] {
  applyOperator(name, magnitude, image, shape, new Uint8Array(image.length));
  return [...image];
}

test.each(Object.keys(golden.torchvisionOperators))('%s has torchvision’s pixels', (name) => {
  const image = goldenImage();
  // The vector of autocontrast was made of the image at half its brightness, which leaves something to stretch.
  const source = name === 'autocontrast' ? image.map((value) => value >> 1) : image;
  expect(applied(...operatorOf(name), source, GOLDEN_SHAPE)).toEqual(golden.torchvisionOperators[name]);
});

test('identity, and color on a grey image, change nothing', () => {
  for (const name of ['identity', 'color'] as const) {
    expect(applied(name, 0.9, goldenImage(), GOLDEN_SHAPE)).toEqual([...goldenImage()]);
  }
});

test('color blends with the truncated luma: 0 leaves grey, 1 the image, more clamps', () => {
  const rgb: ImageShape = [1, 2, 3];
  const image = () => Uint8Array.of(10, 20, 30, 200, 100, 0);
  // 0.2989·10 + 0.587·20 + 0.114·30 = 18.149; 0.2989·200 + 0.587·100 = 118.48
  expect(applied('color', -1, image(), rgb)).toEqual([18, 18, 18, 118, 118, 118]);
  expect(applied('color', 0, image(), rgb)).toEqual([...image()]);
  expect(applied('color', 1, image(), rgb)).toEqual([2, 22, 42, 255, 82, 0]);
});

test('contrast of a colour image turns about the mean of its luma', () => {
  const image = Uint8Array.of(10, 20, 30, 200, 100, 0);
  expect(applied('contrast', -1, image, [1, 2, 3])).toEqual([68, 68, 68, 68, 68, 68]);
});

test('sharpness keeps the border and the channels apart, and images of two rows as they are', () => {
  const dot = new Uint8Array(18);
  dot[12] = 13;
  dot[13] = 26;
  const shape: ImageShape = [3, 3, 2];
  dot[8] = 130;
  expect(applied('sharpness', -1, dot, shape)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 51, 2, 0, 0, 13, 26, 0, 0, 0, 0]);
  expect(applied('sharpness', -1, Uint8Array.of(1, 2, 3, 4, 5, 6), [2, 3, 1])).toEqual([1, 2, 3, 4, 5, 6]);
});

test('posterize keeps as many bits as the magnitude says, truncated; all eight change nothing', () => {
  expect(applied('posterize', 8, Uint8Array.of(255, 129, 3), [1, 3, 1])).toEqual([255, 129, 3]);
  expect(applied('posterize', 2.9, Uint8Array.of(255, 129, 63), [1, 3, 1])).toEqual([192, 128, 0]);
});

test('solarize turns values from the threshold on', () => {
  expect(applied('solarize', 127.5, Uint8Array.of(127, 128, 255), [1, 3, 1])).toEqual([127, 127, 0]);
});

test('autocontrast stretches channel by channel; a flat one stays', () => {
  const image = Uint8Array.of(100, 7, 150, 7, 200, 7);
  expect(applied('auto_contrast', 0, image, [1, 3, 2])).toEqual([0, 7, 127, 7, 255, 7]);
});

test('equalize makes values equally frequent with PIL’s table, channel by channel', () => {
  // 1024 pixels, four equally frequent values: step = ⌊768/255⌋ = 3, so that the table is ⌊(below + 1)/3⌋.
  const shape: ImageShape = [32, 32, 2];
  const values = [10, 20, 30, 40];
  const image = Uint8Array.from({ length: 2048 }, (_, i) => (i % 2 === 0 ? values[(i / 2) % 4] : 9));
  const result = applied('equalize', 0, image, shape);
  const table = [0, 85, 171, 255];
  expect(result).toEqual(Array.from({ length: 2048 }, (_, i) => (i % 2 === 0 ? table[(i / 2) % 4] : 9)));
});

test('equalize maps value 0 to 0, as the first entry of torchvision’s table is padded', () => {
  const image = Uint8Array.from({ length: 1024 }, (_, i) => (i < 512 ? 0 : 255));
  const result = applied('equalize', 0, image, [32, 32, 1]);
  expect(new Set(result)).toEqual(new Set([0, 255]));
});

test('a warp moves the channels of a pixel together and fills with zero', () => {
  const shape: ImageShape = [2, 3, 2];
  const image = Uint8Array.from({ length: 12 }, (_, i) => i + 1);
  expect(applied('translate_x', 1.9, image, shape)).toEqual([0, 0, 1, 2, 3, 4, 0, 0, 7, 8, 9, 10]);
  expect(
    applied(
      'translate_y',
      -1,
      Uint8Array.from({ length: 12 }, (_, i) => i + 1),
      shape,
    ),
  ).toEqual([7, 8, 9, 10, 11, 12, 0, 0, 0, 0, 0, 0]);
});

test('a positive angle of affine turns clockwise, of rotate anticlockwise; a scale of 1/2 halves', () => {
  const shape: ImageShape = [3, 3, 1];
  const image = () => Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
  const warped = (changes: Parameters<typeof affineMap>[0]) => {
    const target = image();
    warpImage(target, shape, new Uint8Array(9), affineMap(changes));
    return [...target];
  };
  expect(warped({ angle: 90 })).toEqual([7, 4, 1, 8, 5, 2, 9, 6, 3]);
  expect(applied('rotate', 90, image(), shape)).toEqual([3, 6, 9, 2, 5, 8, 1, 4, 7]);
  expect(warped({ scale: 0.5 })).toEqual([0, 0, 0, 0, 5, 0, 0, 0, 0]);
  expect(warped({})).toEqual([...image()]);
});

test('every operator leaves its neighbour in memory alone', () => {
  const shape: ImageShape = [5, 4, 3];
  for (const name of [...OPERATORS, 'invert'] as const) {
    const image = new Uint8Array(63).fill(99);
    applyOperator(name, 0.7, image, shape, new Uint8Array(60));
    expect([...image.subarray(60)], name).toEqual([99, 99, 99]);
  }
});

test('halves are rounded to even', () => {
  expect([-1.5, -0.5, 0.5, 1.5, 2.5, 2.4, 2.6, -2.6].map(roundHalfEven)).toEqual([-2, 0, 0, 2, 2, 2, 3, -3]);
});
