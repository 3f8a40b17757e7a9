// Batches as tensors, pixel by pixel.
import { compileAugmentation } from '@reseed/augmentation';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { openBackend } from './backend.ts';
import { imageBatch } from './image-batch.ts';
import { correctPredictions } from './prediction.ts';

beforeAll(() => openBackend({ device: 'cpu' }));

/** Three images of 2 × 3 grey pixels. */
const source = {
  images: Uint8Array.from({ length: 18 }, (_, i) => i * 15),
  labels: Uint8Array.of(2, 0, 1),
};

it('scales the chosen images to [0, 1], marks their classes, and augments each by its own parameters', () => {
  const augmentation = compileAugmentation({ name: 'pad_crop', pad: 1 }, [2, 3, 1]);
  const batch = { source, imageShape: [2, 3, 1], classes: 3, augmentation } as const;
  // (1, 1) is the middle of the padded image; (0, 2) moves the image one down and one to the left.
  const { images, oneHot } = imageBatch(
    batch,
    [2, 0],
    [
      [1, 1],
      [0, 2],
    ],
  );
  expect(images.shape).toEqual([2, 2, 3, 1]);
  expect(images.dtype).toBe('float32');
  const expected = [180, 195, 210, 225, 240, 255, 0, 0, 0, 15, 30, 0].map((value) => Math.fround(value / 255));
  expect(Array.from(images.dataSync())).toEqual(expected);
  expect(oneHot.shape).toEqual([2, 3]);
  expect(Array.from(oneHot.dataSync())).toEqual([0, 1, 0, 0, 0, 1]);
});

it('a prediction is right when its largest logit is that of the true class', () => {
  const logits = tf.tensor2d([1, 2, 3, -3, -2, -1, 5, 4, 4], [3, 3]);
  const oneHot = tf.tensor2d([0, 0, 1, 1, 0, 0, 1, 0, 0], [3, 3]);
  expect(Array.from(correctPredictions(logits, oneHot).dataSync())).toEqual([1, 0, 1]);
});
