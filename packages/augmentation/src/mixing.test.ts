// Mixing by hand: which pixels come from which image, which label weight that is, and what is refused.
import type { Augmentation } from '@reseed/experiment';
import { NumpyRandomState } from '@reseed/rng';
import { describe, expect, test } from 'vitest';
import { type CompiledAugmentation, compileAugmentation } from './compile-augmentation.ts';
import { cutmixBox } from './cutmix-box.ts';
import { BatchShapeError, ItemOrderError, OptionMissingError, RawImagesMissingError } from './errors.ts';
import type { ImageShape } from './image-method.ts';

const shape: ImageShape = [4, 4, 2];
const VALUES = 32;

/** Three images whose values tell the image (hundredths) and the place, with one-hot labels of three classes. */
const batch = () => ({
  images: Float32Array.from({ length: 3 * VALUES }, (_, i) => Math.floor(i / VALUES) / 4 + (i % VALUES) / 256),
  labels: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
});

function mixed(augmentation: Augmentation, parameters: readonly (readonly number[])[]) {
  const { images, labels } = batch();
  compileAugmentation(augmentation, shape, { classes: 3 }).mix?.(images, labels, parameters);
  return { images, labels };
}

/** The image, 0 to 2, that each pixel of the result comes from, and the place that it had there. */
function origins(images: Float32Array, image: number): (readonly [image: number, y: number, x: number])[] {
  return Array.from({ length: VALUES / 2 }, (_, pixel) => {
    const value = images[image * VALUES + 2 * pixel];
    const from = Math.floor(value * 4);
    const place = (value - from / 4) * 128;
    return [from, Math.floor(place / 4), place % 4];
  });
}

const cycle = [1, 2, 0];

describe('mixup', () => {
  const mixup: Augmentation = { name: 'mixup_batch', alpha: 1 };
  test('with λ 1 keeps images and labels, with λ 0 gives the partner', () => {
    expect(mixed(mixup, [[1, ...cycle]])).toEqual(batch());
    const { images, labels } = mixed(mixup, [[0, ...cycle]]);
    const before = batch().images;
    expect(images.subarray(0, VALUES)).toEqual(before.subarray(VALUES, 2 * VALUES));
    expect(images.subarray(2 * VALUES)).toEqual(before.subarray(0, VALUES));
    expect([...labels]).toEqual([0, 1, 0, 0, 0, 1, 1, 0, 0]);
  });
});

describe('cutmix_batch', () => {
  const cutmix: Augmentation = { name: 'cutmix_batch', alpha: 1 };
  test('with λ 1 keeps images and labels, with λ 0 at the centre gives the partner', () => {
    expect(mixed(cutmix, [[1, 2, 2, ...cycle]])).toEqual(batch());
    const { images, labels } = mixed(cutmix, [[0, 2, 2, ...cycle]]);
    expect(images.subarray(VALUES, 2 * VALUES)).toEqual(batch().images.subarray(2 * VALUES));
    expect([...labels]).toEqual([0, 1, 0, 0, 0, 1, 1, 0, 0]);
  });

  test('pastes the same places of the partner as it was, and weighs labels by area', () => {
    // ⌊4·√0.75⌋ = 3, one pixel to each side of the centre: rows 0…1, columns 2…3 after clipping.
    const { images, labels } = mixed(cutmix, [[0.25, 1, 3, ...cycle]]);
    for (const image of [0, 1, 2]) {
      const expected = Array.from({ length: 16 }, (_, pixel) => {
        const [y, x] = [Math.floor(pixel / 4), pixel % 4];
        return [y < 2 && x >= 2 ? cycle[image] : image, y, x];
      });
      expect(origins(images, image)).toEqual(expected);
    }
    expect([...labels]).toEqual([0.75, 0.25, 0, 0, 0.75, 0.25, 0.25, 0, 0.75]);
  });

  test('a window fixes the sides, whatever λ is, and leaves the draws as they are', () => {
    const withWindow: Augmentation = { name: 'cutmix_batch', alpha: 1, window: 2 };
    const { labels } = mixed(withWindow, [[1, 2, 2, ...cycle]]);
    expect([...labels.subarray(0, 3)]).toEqual([0.75, 0.25, 0]);
    expect(cutmixBox(0.5, 14, 14, [28, 28, 1], 18)).toEqual({
      top: 5,
      bottom: 23,
      left: 5,
      right: 23,
      kept: 1 - 324 / 784,
    });
    const draw = (augmentation: Augmentation) =>
      compileAugmentation(augmentation, shape).batch?.(new NumpyRandomState(8), 3);
    expect(draw(withWindow)).toEqual(draw(cutmix));
  });
});

test('ricap patches four crops at their corners and weighs labels by area', () => {
  const parameters = [[3, 1, 0, 1, 2, 1, 2, 1, 2, 0, 2, 3, 2, 0, 1, 0, 1, 0, 1, 2, 2, 1]];
  const { images, labels } = mixed({ name: 'ricap_batch', beta: 0.3 }, parameters);
  // Corners w = 3, h = 1; crops of image 0 at (x 1, y 2), image 1 at (2, 3), image 2 at (0, 1), image 0 at (2, 1).
  const expected = Array.from({ length: 16 }, (_, pixel) => {
    const [y, x] = [Math.floor(pixel / 4), pixel % 4];
    if (y < 1) return x < 3 ? [0, 2 + y, 1 + x] : [1, 3 + y, 2 + x - 3];
    return x < 3 ? [2, 1 + y - 1, x] : [0, 1 + y - 1, 2 + x - 3];
  });
  expect(origins(images, 0)).toEqual(expected);
  expect([...labels.subarray(0, 3)]).toEqual([6 / 16, 1 / 16, 9 / 16]);
});

test('batch items mix one after the other', () => {
  const both = mixed(
    [
      { name: 'mixup_batch', alpha: 1 },
      { name: 'cutmix_batch', alpha: 1 },
    ],
    [
      [0.5, ...cycle],
      [0, 2, 2, ...cycle],
    ],
  );
  const halves = mixed({ name: 'mixup_batch', alpha: 1 }, [[0.5, ...cycle]]);
  expect(both.images.subarray(0, VALUES)).toEqual(halves.images.subarray(VALUES, 2 * VALUES));
  expect([...both.labels]).toEqual([0, 0.5, 0.5, 0.5, 0, 0.5, 0.5, 0.5, 0]);
});

describe('cutmix_sample', () => {
  const options = { classes: 3, sampleCount: 3 };
  const raw = Uint8Array.from({ length: 3 * VALUES }, (_, i) => i);
  const rawImage = (index: number) => raw.subarray(index * VALUES, (index + 1) * VALUES);
  const applied = (compiled: CompiledAugmentation, parameters: number[]) => {
    const target = new Float32Array(VALUES);
    const row = Float32Array.of(9, 1, 0, 0, 9);
    compiled.apply(raw, 0, parameters, target, 0, rawImage);
    compiled.softenLabel?.(parameters, [0, 2, 1], row, 1);
    return { pixels: Array.from(target, (value) => Math.round(value * 255)), row: [...row] };
  };
  const always = compileAugmentation({ name: 'cutmix_sample', beta: 1, probability: 1 }, shape, options);
  const half = compileAugmentation({ name: 'cutmix_sample', beta: 1, probability: 0.5 }, shape, options);

  test('pastes the raw partner and moves its share of the label, unless u is too large', () => {
    const { pixels, row } = applied(always, [0.9, 0.25, 1, 1, 3]);
    expect(pixels.flatMap((value, i) => (value === i ? [] : [i]))).toEqual([4, 5, 6, 7, 12, 13, 14, 15]);
    expect(pixels.slice(4, 8)).toEqual([36, 37, 38, 39]);
    expect(row).toEqual([9, 0.75, 0, 0.25, 9]);
    expect(applied(half, [0.5, 0.25, 1, 1, 3])).toEqual({ pixels: [...raw.subarray(0, VALUES)], row: [9, 1, 0, 0, 9] });
    expect(applied(half, [0.49, 0.25, 1, 1, 3])).toEqual({ pixels, row });
  });

  test('with λ 1 is the image, with λ 0 at the centre the partner', () => {
    expect(applied(always, [0, 1, 2, 2, 2])).toEqual({ pixels: [...rawImage(0)], row: [9, 1, 0, 0, 9] });
    expect(applied(always, [0, 0, 2, 2, 2])).toEqual({ pixels: [...rawImage(2)], row: [9, 0, 1, 0, 9] });
  });

  test('in a list: what stands before is not done to the partner, and two of them mix twice', () => {
    const item = { name: 'cutmix_sample', beta: 1, probability: 1 } as const;
    const flipped = compileAugmentation([{ name: 'hflip' }, item], shape, options);
    expect(applied(flipped, [1, 0, 0, 1, 2, 2]).pixels).toEqual([...rawImage(1)]);
    const twice = compileAugmentation([item, item], shape, options);
    expect(applied(twice, [0, 0, 1, 2, 2, 0, 0.25, 2, 1, 3]).row).toEqual([9, 0, 0.25, 0.75, 9]);
    expect(twice.softLabels).toBe('sample');
  });

  test('needs to know how many images, which classes, and the raw images', () => {
    const item: Augmentation = { name: 'cutmix_sample', beta: 1, probability: 1 };
    expect(() => compileAugmentation(item, shape)).toThrow(new OptionMissingError('cutmix_sample', 'sampleCount'));
    const unaware = compileAugmentation(item, shape, { sampleCount: 3 });
    const soften = () => unaware.softenLabel?.([0, 0, 1, 2, 2], [0, 1, 2], new Float32Array(3), 0);
    expect(soften).toThrow(new OptionMissingError('cutmix_sample', 'classes'));
    const apply = () => unaware.apply(raw, 0, [0, 0, 1, 2, 2], new Float32Array(VALUES), 0);
    expect(apply).toThrow(RawImagesMissingError);
  });
});

test('labels are soft from the last step that mixes them', () => {
  const sample = { name: 'cutmix_sample', beta: 1, probability: 1 } as const;
  const soft = (augmentation: Augmentation) => compileAugmentation(augmentation, shape, { sampleCount: 3 }).softLabels;
  expect(soft('none')).toBe('never');
  expect(soft({ name: 'hflip' })).toBe('never');
  expect(soft([{ name: 'hflip' }, sample])).toBe('sample');
  expect(soft([sample, { name: 'mixup_batch', alpha: 1 }])).toBe('batch');
});

test('an item per sample after one per batch is refused', () => {
  const list: Augmentation = [{ name: 'mixup_batch', alpha: 1 }, { name: 'hflip' }];
  expect(() => compileAugmentation(list, shape)).toThrow(new ItemOrderError('hflip', 'mixup_batch'));
});

test('a batch whose lengths do not fit is refused', () => {
  const { mix } = compileAugmentation({ name: 'mixup_batch', alpha: 1 }, shape, { classes: 3 });
  const mixing = (images: number, labels: number) => () =>
    mix?.(new Float32Array(images), new Float32Array(labels), [[1, 0, 1]]);
  expect(mixing(2 * VALUES, 6)).not.toThrow();
  expect(mixing(2 * VALUES + 1, 6)).toThrow(BatchShapeError);
  expect(mixing(0, 0)).toThrow(BatchShapeError);
  expect(mixing(2 * VALUES, 8)).toThrow('labels has 8 values; expected 2 rows of 3 classes');
  const unaware = compileAugmentation({ name: 'mixup_batch', alpha: 1 }, shape);
  expect(() => unaware.mix?.(new Float32Array(2 * VALUES), new Float32Array(7), [[1, 0, 1]])).toThrow(BatchShapeError);
  expect(() => unaware.mix?.(new Float32Array(2 * VALUES), new Float32Array(8), [[1, 0, 1]])).not.toThrow();
});
