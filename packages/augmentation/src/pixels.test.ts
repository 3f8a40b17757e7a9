import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cutout, eraseSquare } from './cutout.ts';
import type { ImageShape } from './image-method.ts';
import { cropWindow } from './pad-crop.ts';
import { mirrorColumns } from './pad-crop-flip.ts';

const golden = JSON.parse(readFileSync(new URL('../golden/augment.json', import.meta.url), 'utf8')) as {
  image: { height: number; width: number; pixels: number[] };
  pixels: Record<string, number[]>;
};
const shape: ImageShape = [golden.image.height, golden.image.width, 1];
const image = Uint8Array.from(golden.image.pixels);

function apply(operation: string): Uint8Array {
  const [name] = operation.split(' ');
  const value = (key: string) => Number(new RegExp(`${key}=(\\d+)`).exec(operation)?.[1]);
  const target = image.slice();
  if (name === 'pad_crop') cropWindow(image, 0, target, shape, value('dy') - value('p'), value('dx') - value('p'));
  else if (name === 'hflip') mirrorColumns(target, shape);
  else if (name === 'cutout_center') eraseSquare(target, shape, value('len'), value('cy'), value('cx'));
  else throw new Error(`no method for ${operation}`);
  return target;
}

test.each(Object.keys(golden.pixels))('%s equals the golden pixels', (operation) => {
  expect([...apply(operation)]).toEqual(golden.pixels[operation]);
});

/** pixel(y, x, c) = 1 + a number that no other pixel of the image has, so that a moved pixel shows where it came from. */
const numbered = ([height, width, channels]: ImageShape): Uint8Array =>
  Uint8Array.from({ length: height * width * channels }, (_, i) => i + 1);

test('cropWindow moves rows, columns and channels together, at every offset, from the middle of a stack of images', () => {
  const colour: ImageShape = [4, 5, 3];
  const size = 4 * 5 * 3;
  const stack = new Uint8Array(3 * size).fill(255);
  stack.set(numbered(colour), size);
  for (let top = -6; top <= 6; top += 1) {
    for (let left = -6; left <= 6; left += 1) {
      const expected = new Uint8Array(size);
      for (let y = 0; y < 4; y += 1) {
        for (let x = 0; x < 5; x += 1) {
          const inside = y + top >= 0 && y + top < 4 && x + left >= 0 && x + left < 5;
          for (let c = 0; c < 3; c += 1) {
            expected[(y * 5 + x) * 3 + c] = inside ? stack[size + ((y + top) * 5 + x + left) * 3 + c] : 0;
          }
        }
      }
      const target = new Uint8Array(size).fill(77);
      cropWindow(stack, size, target, colour, top, left);
      expect(target, `top ${top}, left ${left}`).toEqual(expected);
    }
  }
});

test('mirrorColumns keeps the channels of a pixel together and is its own inverse', () => {
  const colour: ImageShape = [2, 3, 2];
  const target = numbered(colour);
  mirrorColumns(target, colour);
  expect([...target]).toEqual([5, 6, 3, 4, 1, 2, 11, 12, 9, 10, 7, 8]);
  mirrorColumns(target, colour);
  expect(target).toEqual(numbered(colour));
});

test('cutout erases all channels of the clipped square and leaves its source as it is', () => {
  const colour: ImageShape = [4, 4, 2];
  const source = numbered(colour);
  const target = new Uint8Array(32);
  cutout(2, colour).apply(source, 0, [9, 0, 3], 1, target);
  const erased = [...target].flatMap((value, i) => (value === 0 ? [i] : []));
  expect(erased).toEqual([4, 5, 6, 7]);
  expect(source).toEqual(numbered(colour));
});
