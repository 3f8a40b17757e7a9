// Each method by hand: the calls that it makes of a stream, and the pixels that given parameters make.
import type { Augmentation } from '@reseed/experiment';
import { NumpyRandomState } from '@reseed/rng';
import { describe, expect, test } from 'vitest';
import { POLICIES } from './auto-augment.ts';
import { compileAugmentation } from './compile-augmentation.ts';
import { applyColorShape } from './color-shape.ts';
import { GOLDEN_SHAPE, golden, goldenImage } from './golden-vectors.ts';
import type { ImageShape } from './image-method.ts';
import { applyOperator, type OperatorName, OPERATORS } from './operators.ts';

const small: ImageShape = [3, 4, 1];
/** 1 to 12, row by row. */
const numbered = Uint8Array.from({ length: 12 }, (_, i) => i + 1);

function applied(
  augmentation: Augmentation,
  parameters: readonly number[],
  image: Uint8Array = numbered,
  shape = small,
): number[] {
  const target = new Float32Array(image.length);
  compileAugmentation(augmentation, shape).apply(image, 0, parameters, target, 0);
  return Array.from(target, (value) => Math.round(value * 255));
}

function operated(
  name: OperatorName,
  magnitude: number,
  image: Uint8Array = goldenImage(),
  shape = GOLDEN_SHAPE,
): number[] {
  applyOperator(name, magnitude, image, shape, new Uint8Array(image.length));
  return [...image];
}

test('hflip mirrors when flip is 1; option 0 of its choices is to flip', () => {
  const flip: Augmentation = { name: 'hflip' };
  expect(applied(flip, [0])).toEqual([...numbered]);
  expect(applied(flip, [1])).toEqual([4, 3, 2, 1, 8, 7, 6, 5, 12, 11, 10, 9]);
  const stream = new NumpyRandomState(0);
  const doubles = new NumpyRandomState(0);
  const compiled = compileAugmentation(flip, small);
  for (let i = 0; i < 20; i += 1) expect(compiled.sample(stream)).toEqual([doubles.randomSample() < 0.5 ? 1 : 0]);
  expect([0, 1].map((option) => compiled.choices?.parametersOf([option]))).toEqual([[1], [0]]);
});

test('cutout_inside draws y0, then x0, and erases a whole square', () => {
  const item: Augmentation = { name: 'cutout_inside', length: 2 };
  expect(applied(item, [1, 2])).toEqual([1, 2, 3, 4, 5, 6, 0, 0, 9, 10, 0, 0]);
  const compiled = compileAugmentation(item, small);
  expect(compiled.choices?.counts).toEqual([2, 3]);
  const stream = new NumpyRandomState(4);
  const calls = new NumpyRandomState(4);
  for (let i = 0; i < 20; i += 1) expect(compiled.sample(stream)).toEqual([calls.randint(0, 2), calls.randint(0, 3)]);
});

test('random_erasing erases h rows and w columns from (y, x); an image without room for any draws ten times', () => {
  const item: Augmentation = { name: 'random_erasing', probability: 1 };
  expect(applied(item, [0.1, 1, 0, 2, 3])).toEqual([1, 2, 3, 4, 0, 0, 0, 8, 0, 0, 0, 12]);
  expect(applied(item, [0.9, 0, 0, 0, 0])).toEqual([...numbered]);
  const stream = new NumpyRandomState(1);
  const [, ...box] = compileAugmentation(item, [1, 200, 1]).sample(stream);
  expect(box).toEqual([0, 0, 0, 0]);
  expect(stream.wordsDrawn).toBe(2 + 10 * 4);
  const never = new NumpyRandomState(1);
  compileAugmentation({ name: 'random_erasing', probability: 0 }, small).sample(never);
  expect(never.wordsDrawn).toBe(2);
});

test('color_jitter changes brightness, then contrast', () => {
  const item: Augmentation = { name: 'color_jitter', brightness: 0.4, contrast: 0.4 };
  const bright = golden.torchvisionOperators['brightness 1.4'];
  expect(applied(item, [1.4, 1], goldenImage(), GOLDEN_SHAPE)).toEqual(
    operated('contrast', 0, Uint8Array.from(bright)),
  );
  expect(applied(item, [1, 0.6], goldenImage(), GOLDEN_SHAPE)).toEqual(
    operated('contrast', -0.4, Uint8Array.from(operated('brightness', 0))),
  );
});

test('trivial_augment applies the operator at the magnitude of the bin, negative for sign 1', () => {
  const item: Augmentation = { name: 'trivial_augment', translate: 30, rotate: 30 };
  const trivial = (op: string, bin: number, sign: number) =>
    applied(item, [OPERATORS.findIndex((name) => name === op), bin, sign], goldenImage(), GOLDEN_SHAPE);
  expect(trivial('translate_x', 3, 0)).toEqual(golden.torchvisionOperators['translateX 3']);
  expect(trivial('translate_y', 2, 1)).toEqual(golden.torchvisionOperators['translateY -2']);
  expect(trivial('rotate', 30, 0)).toEqual(golden.torchvisionOperators['rotate 30']);
  expect(trivial('posterize', 25, 1)).toEqual(golden.torchvisionOperators['posterize 3']);
  expect(trivial('solarize', 30, 1)).toEqual(operated('solarize', 0));
  expect(trivial('equalize', 30, 1)).toEqual(operated('equalize', 0));
});

test('rand_augment applies its operators one after the other at one magnitude', () => {
  const item: Augmentation = { name: 'rand_augment', operations: 2, magnitude: 30 };
  const [rotate, solarize] = [OPERATORS.indexOf('rotate'), OPERATORS.indexOf('solarize')];
  const turned = Uint8Array.from(golden.torchvisionOperators['rotate 30']);
  expect(applied(item, [rotate, 0, solarize, 1], goldenImage(), GOLDEN_SHAPE)).toEqual(operated('solarize', 0, turned));
  expect(compileAugmentation(item, small).drawn.map((name) => name.split('.')[1])).toEqual([
    'op0',
    'sign0',
    'op1',
    'sign1',
  ]);
  const stream = new NumpyRandomState(2);
  const calls = new NumpyRandomState(2);
  const expected = [14, 2, 14, 2].map((count) => calls.randint(0, count));
  expect(compileAugmentation(item, small).sample(stream)).toEqual(expected);
});

describe('auto_augment', () => {
  const item: Augmentation = { name: 'auto_augment' };
  const colour: ImageShape = [4, 4, 3];
  const image = Uint8Array.from({ length: 48 }, (_, i) => (i * 37) % 256);

  test('has 25 sub-policies, and applies each step whose u is at most its probability', () => {
    expect(POLICIES).toHaveLength(25);
    // Rotate with probability 0.7 at bin 2 of 0…9, that is 30·2/9 degrees; sign 0 is negative.
    expect(applied(item, [1, 0.7, 0.31, 0, 1], image, colour)).toEqual(
      operated('rotate', -Math.fround(20 / 3), image.slice(), colour),
    );
    expect(applied(item, [1, 0.71, 0.31, 0, 1], image, colour)).toEqual([...image]);
    // TranslateX at bin 9: ⌊150/331 · 4⌋ = 1 pixel.
    expect(applied(item, [1, 0.71, 0.3, 0, 1], image, colour)).toEqual(
      operated('translate_x', 1, image.slice(), colour),
    );
    expect(applied(item, [1, 0.7, 0.3, 1, 0], image, colour)).toEqual(
      operated(
        'translate_x',
        -1,
        Uint8Array.from(operated('rotate', Math.fround(20 / 3), image.slice(), colour)),
        colour,
      ),
    );
  });

  test('inverts colour images, and leaves grey ones: invert and color are for colour', () => {
    expect(applied(item, [0, 0.1, 0.9, 0, 0], image, colour)).toEqual(Array.from(image, (value) => 255 - value));
    expect(applied(item, [0, 0.1, 0.9, 0, 0])).toEqual([...numbered]);
    expect(applied(item, [6, 0.4, 0.9, 1, 1])).toEqual([...numbered]);
    expect(applied(item, [6, 0.4, 0.9, 1, 1], image, colour)).not.toEqual([...image]);
  });

  test('a step of probability 0 is applied only at u = 0, as in torchvision', () => {
    expect(applied(item, [14, 0.9, 1e-9, 0, 0], image, colour)).toEqual([...image]);
  });
});

test('affine_jitter turns, shifts and scales about the centre', () => {
  const item: Augmentation = { name: 'affine_jitter', degrees: 180, translate: 2, scale: 0.1 };
  expect(applied(item, [0, 1, -1, 1])).toEqual([0, 5, 6, 7, 0, 9, 10, 11, 0, 0, 0, 0]);
  expect(applied(item, [180, 0, 0, 1])).toEqual([...numbered].reverse());
});

describe('cropshift', () => {
  const item: Augmentation = { name: 'cropshift', low: 0, high: 4 };

  test('cuts strength rows and columns away and puts the rest at its new place', () => {
    // One column and two rows go; the crop starts at (column 1, row 2) and is put at (column 0, row 1).
    expect(applied(item, [3, 1, 1, 2, 0, 1])).toEqual([0, 0, 0, 0, 10, 11, 12, 0, 0, 0, 0, 0]);
    expect(applied(item, [0, 0, 0, 0, 0, 0])).toEqual([...numbered]);
  });

  test('makes the calls of the authors’ code, and leaves the image inside itself', () => {
    const compiled = compileAugmentation(item, small);
    const stream = new NumpyRandomState(9);
    const calls = new NumpyRandomState(9);
    for (let i = 0; i < 50; i += 1) {
      const strength = calls.randint(0, 4);
      const cropX = calls.randint(0, strength + 1);
      const cropY = strength - cropX;
      const from = [calls.randint(0, cropX + 1), calls.randint(0, cropY + 1)];
      const to = [cropX - calls.randint(0, cropX + 1), cropY - calls.randint(0, cropY + 1)];
      const parameters = compiled.sample(stream);
      expect(parameters).toEqual([strength, cropX, ...from, ...to]);
      const kept = applied(item, parameters).filter((value) => value > 0);
      expect(kept).toHaveLength((4 - cropX) * (3 - cropY));
    }
  });

  test('of equal bounds draws no strength', () => {
    const [strength] = compileAugmentation({ name: 'cropshift', low: 2, high: 2 }, small).sample(
      new NumpyRandomState(1),
    );
    expect(strength).toBe(2);
  });
});

describe('idbh', () => {
  const item: Augmentation = { name: 'idbh', low: 0, high: 3, probability: 1 };

  test('draws crop shift, ColorShape, then random erasing, and applies them in that order', () => {
    const compiled = compileAugmentation(item, [10, 10, 1]);
    const stream = new NumpyRandomState(3);
    const calls = new NumpyRandomState(3);
    for (let i = 0; i < 20; i += 1) {
      const parameters = compiled.sample(stream);
      const crop = compileAugmentation({ name: 'cropshift', low: 0, high: 3 }, [10, 10, 1]).sample(calls);
      const shaped = [calls.randint(0, 8), calls.randomSample(), calls.randint(0, 2), calls.randint(0, 2)];
      const erased = compileAugmentation({ name: 'random_erasing', probability: 1 }, [10, 10, 1]).sample(calls);
      expect(parameters).toEqual([...crop, ...shaped, ...erased]);
      const image = Uint8Array.from(applied({ name: 'cropshift', low: 0, high: 3 }, crop, goldenImage(), GOLDEN_SHAPE));
      applyColorShape(image, GOLDEN_SHAPE, shaped, 0, new Uint8Array(100));
      expect(applied(item, parameters, goldenImage(), GOLDEN_SHAPE)).toEqual(
        applied({ name: 'random_erasing', probability: 1 }, erased, image, GOLDEN_SHAPE),
      );
    }
  });

  test.each<[op: number, strength: number, sign: number, operator: OperatorName, magnitude: number]>([
    [1, 0.5, 0, 'brightness', 0.2],
    [2, 0.5, 1, 'contrast', 0.2],
    [3, 0.5, 0, 'sharpness', 0],
    [4, 0.3, 0, 'auto_contrast', 0],
    [5, 0.3, 0, 'equalize', 0],
    [7, 0, 0, 'rotate', 1],
    [7, 0.999, 1, 'rotate', -10],
  ])('ColorShape %i of strength %d and sign %i is %s by %d', (op, strength, sign, operator, magnitude) => {
    const image = goldenImage();
    applyColorShape(image, GOLDEN_SHAPE, [op, strength, sign, 0], 0, new Uint8Array(100));
    expect([...image]).toEqual(operated(operator, magnitude));
  });

  test('ColorShape’s shear keeps the middle row or column where it is, its color grey images', () => {
    const shape: ImageShape = [9, 9, 1];
    const image = Uint8Array.from({ length: 81 }, (_, i) => i + 1);
    const sheared = (sign: number, axis: number): Uint8Array => {
      const target = image.slice();
      applyColorShape(target, shape, [6, 0.9999, sign, axis], 0, new Uint8Array(81));
      return target;
    };
    const column = (target: Uint8Array) => Array.from({ length: 9 }, (_, y) => target[9 * y + 4]);
    for (const sign of [0, 1]) {
      expect(sheared(sign, 1).subarray(36, 45)).toEqual(image.subarray(36, 45));
      expect(sheared(sign, 1)).not.toEqual(image);
      expect(column(sheared(sign, 0))).toEqual(column(image));
    }
    expect(sheared(0, 1)).not.toEqual(sheared(1, 1));
    const grey = image.slice();
    applyColorShape(grey, shape, [0, 0.1, 0, 0], 0, new Uint8Array(81));
    expect(grey).toEqual(image);
  });
});
