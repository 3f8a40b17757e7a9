// One method after the other, in the order of the list, and nothing of the source touched.
import type { Augmentation } from '@reseed/experiment';
import { NumpyRandomState } from '@reseed/rng';
import { expect, test } from 'vitest';
import { compileAugmentation } from './compile-augmentation.ts';
import { eraseSquare } from './cutout.ts';
import type { ImageShape } from './image-method.ts';
import { cropWindow } from './pad-crop.ts';
import { mirrorColumns } from './hflip.ts';

const both: Augmentation = [
  { name: 'pad_crop_flip', pad: 4 },
  { name: 'cutout', length: 16 },
];
test('the values drawn are named in draw order', () => {
  expect(compileAugmentation(both, [32, 32, 3]).drawn).toEqual([
    'pad_crop_flip.dy',
    'pad_crop_flip.dx',
    'pad_crop_flip.flip',
    'cutout.cy',
    'cutout.cx',
  ]);
});

test('a list applies its methods in order, then scales to float32 value/255', () => {
  const shape: ImageShape = [8, 8, 3];
  const size = 8 * 8 * 3;
  const stream = new NumpyRandomState(7);
  const images = Uint8Array.from({ length: 3 * size }, () => stream.randint(0, 256));
  const compiled = compileAugmentation(
    [
      { name: 'pad_crop_flip', pad: 3 },
      { name: 'cutout', length: 4 },
      { name: 'pad_crop', pad: 1 },
    ],
    shape,
  );
  for (let i = 0; i < 40; i += 1) {
    const parameters = compiled.sample(stream);
    const [dy, dx, flip, cy, cx, dy2, dx2] = parameters;
    const cropped = new Uint8Array(size);
    cropWindow(images, size, cropped, shape, dy - 3, dx - 3);
    if (flip === 1) mirrorColumns(cropped, shape);
    eraseSquare(cropped, shape, 4, cy, cx);
    const expected = new Uint8Array(size);
    cropWindow(cropped, 0, expected, shape, dy2 - 1, dx2 - 1);

    const target = new Float32Array(2 * size).fill(-1);
    compiled.apply(images, size, parameters, target, size);
    expect(target.subarray(0, size).every((value) => value === -1)).toBe(true);
    expect(target.subarray(size)).toEqual(Float32Array.from(expected, (value) => value / 255));
  }
});

test.each<[Augmentation]>([['none'], [{ name: 'none' }]])('%j draws nothing and only scales', (augmentation) => {
  const compiled = compileAugmentation(augmentation, [16, 16, 1]);
  const stream = new NumpyRandomState(3);
  expect(compiled.draws).toBe(0);
  expect(compiled.sample(stream)).toEqual([]);
  expect(stream.nextUint32()).toBe(new NumpyRandomState(3).nextUint32());
  const source = Uint8Array.from({ length: 256 }, (_, value) => value);
  const target = new Float32Array(256);
  compiled.apply(source, 0, [], target, 0);
  expect(target).toEqual(Float32Array.from(source, (value) => value / 255));
});
