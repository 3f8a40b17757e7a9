// Multiply-adds against numbers worked out by hand, layer by layer, from the papers' tables.
import { expect, test } from 'vitest';
import { getModel } from './get-model.ts';

test('madry-cnn', () => {
  const first = 28 * 28 * 5 * 5 * 1 * 32;
  const second = 14 * 14 * 5 * 5 * 32 * 64;
  expect(getModel('madry-cnn').multiplyAdds).toEqual({
    forward: first + second + 7 * 7 * 64 * 1024 + 1024 * 10,
    onPixels: first,
  });
  expect(getModel('madry-cnn').multiplyAdds.forward).toBe(13_883_904);
});

test('preactresnet-18: 0.56 billion', () => {
  const stem = 32 * 32 * 9 * 3 * 64;
  // Each later group halves the sides and doubles the channels: its four convolutions cost what those before it did, but
  // the first, which has half of the inputs, and a 1×1 convolution on the shortcut.
  const full = 32 * 32 * 9 * 64 * 64;
  const laterGroup = full / 2 + 3 * full + 16 * 16 * 64 * 128;
  const forward = stem + 4 * full + 3 * laterGroup + 512 * 10;
  expect(forward).toBe(555_422_720);
  for (const name of ['preactresnet-18', 'preactresnet-18-wong'] as const) {
    expect(getModel(name).multiplyAdds).toEqual({ forward, onPixels: stem });
  }
});

test('strides, vectors, other images and a border count as they are computed', () => {
  const { multiplyAdds } = getModel('tiny-cnn', { imageShape: [32, 32, 3], classes: 4 });
  const first = 16 * 16 * 9 * 3 * 8;
  expect(multiplyAdds).toEqual({ forward: first + 8 * 8 * 9 * 8 * 16 + 1024 * 64 + 64 * 4, onPixels: first });
  expect(getModel('linear-softmax').multiplyAdds).toEqual({ forward: 7840, onPixels: 7840 });
  const bordered = getModel('preactresnet-18-deepmind-relu', { imageShape: [28, 28, 3] });
  expect(bordered.multiplyAdds).toEqual(getModel('preactresnet-18-deepmind-relu').multiplyAdds);
});

test('a wide residual network: published as 5.2 billion for WRN-28-10', () => {
  expect(getModel('wrn-28-10-deepmind-relu').multiplyAdds.forward / 1e9).toBeCloseTo(5.2, 0);
});
