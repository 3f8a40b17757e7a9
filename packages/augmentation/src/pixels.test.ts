import { expect, test } from 'vitest';
import { cutmixBox, pasteBox } from './cutmix-box.ts';
import { cutout, eraseSquare } from './cutout.ts';
import { eraseInside } from './cutout-inside.ts';
import { GOLDEN_SHAPE as shape, golden, goldenImage, goldenPartner } from './golden-vectors.ts';
import { mirrorColumns } from './hflip.ts';
import type { ImageShape } from './image-method.ts';
import { mixupBatch } from './mixup-batch.ts';
import { cropReflected, cropWindow } from './pad-crop.ts';

const image = goldenImage();

function apply(operation: string): Uint8Array {
  const [name, , fill] = operation.split(' ');
  const value = (key: string) => Number(new RegExp(`${key}=(\\d+)`).exec(operation)?.[1]);
  const target = image.slice();
  if (name === 'pad_crop') {
    const crop = fill === 'reflect' ? cropReflected : cropWindow;
    crop(image, 0, target, shape, value('dy') - value('p'), value('dx') - value('p'));
  } else if (name === 'hflip') mirrorColumns(target, shape);
  else if (name === 'cutout_center') eraseSquare(target, shape, value('len'), value('cy'), value('cx'));
  else if (name === 'cutout_inside') eraseInside(target, shape, value('len'), value('y0'), value('x0'));
  else throw new Error(`no method for ${operation}`);
  return target;
}

test.each(Object.keys(golden.pixels))('%s equals the golden pixels', (operation) => {
  expect([...apply(operation)]).toEqual(golden.pixels[operation]);
});

test.each(golden.cutmix)(
  'CutMix of λ $lam at ($cy, $cx) pastes the golden box',
  ({ lam, cy, cx, box, lam_adj, out }) => {
    const { top, bottom, left, right, kept } = cutmixBox(lam, cy, cx, shape);
    expect([top, bottom, left, right]).toEqual(box);
    expect(kept).toBe(lam_adj);
    const target = image.slice();
    pasteBox(goldenPartner(), 0, target, 0, shape, { top, bottom, left, right, kept });
    expect([...target]).toEqual(out);
  },
);

test.each(golden.mixup)('mixup of λ $lam is the golden sum, rounded once to float32', ({ lam, out }) => {
  const values = (pixels: Uint8Array) => Float32Array.from(pixels, (value) => value / 255);
  const images = Float32Array.of(...values(image), ...values(goldenPartner()));
  const from = { images: images.slice(), labels: Float32Array.of(1, 0, 0, 1) };
  const into = { images, labels: from.labels.slice() };
  mixupBatch(1, shape).mix(from, into, 2, [lam, 1, 0]);
  // The golden sum is of doubles; the pixels that go into ours are float32 already.
  out.forEach((value, i) => expect(Math.abs(images[i] - value)).toBeLessThan(6e-8));
  expect(into.labels).toEqual(Float32Array.of(lam, 1 - lam, 1 - lam, lam));
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

test('cropReflected mirrors rows, columns and channels, however far outside, and is cropWindow inside', () => {
  const colour: ImageShape = [4, 5, 3];
  const size = 4 * 5 * 3;
  const stack = new Uint8Array(3 * size).fill(255);
  stack.set(numbered(colour), size);
  const mirror = (position: number, length: number): number => {
    if (position < 0) return mirror(-position, length);
    return position < length ? position : mirror(2 * length - 2 - position, length);
  };
  for (let top = -9; top <= 9; top += 1) {
    for (let left = -9; left <= 9; left += 1) {
      const expected = Array.from({ length: size }, (_, i) => {
        const [y, x, c] = [Math.floor(i / 15), Math.floor(i / 3) % 5, i % 3];
        return stack[size + (mirror(y + top, 4) * 5 + mirror(x + left, 5)) * 3 + c];
      });
      const target = new Uint8Array(size).fill(77);
      cropReflected(stack, size, target, colour, top, left);
      expect([...target], `top ${top}, left ${left}`).toEqual(expected);
    }
  }
  const single = Uint8Array.of(7);
  const target = new Uint8Array(1);
  cropReflected(single, 0, target, [1, 1, 1], -3, 2);
  expect(target).toEqual(single);
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
