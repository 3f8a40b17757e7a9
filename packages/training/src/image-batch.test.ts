// Batches as tensors, pixel by pixel.
import { compileAugmentation } from '@reseed/augmentation';
import { NumpyRandomState } from '@reseed/rng';
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
  const { images, labels } = imageBatch(batch, {
    indices: [2, 0],
    parameters: [
      [1, 1],
      [0, 2],
    ],
  });
  expect(images.shape).toEqual([2, 2, 3, 1]);
  expect(images.dtype).toBe('float32');
  const expected = [180, 195, 210, 225, 240, 255, 0, 0, 0, 15, 30, 0].map((value) => Math.fround(value / 255));
  expect(Array.from(images.dataSync())).toEqual(expected);
  expect(labels.shape).toEqual([2, 3]);
  expect(Array.from(labels.dataSync())).toEqual([0, 1, 0, 0, 0, 1]);
});

it('mixes images and labels of a batch by what was drawn for it', () => {
  const augmentation = compileAugmentation({ name: 'mixup_batch', alpha: 1 }, [2, 3, 1], { classes: 3 });
  const batch = { source, imageShape: [2, 3, 1], classes: 3, augmentation } as const;
  // λ = 0.75; each image gets a quarter of the other one.
  const drawn = { indices: [0, 2], parameters: [[], []], batchParameters: [[0.75, 1, 0]] };
  const { images, labels } = imageBatch(batch, drawn);
  expect(Array.from(labels.dataSync())).toEqual([0, 0.25, 0.75, 0, 0.75, 0.25]);
  const [first, second] = [0, 180].map((start) => start / 255);
  expect(images.dataSync()[0]).toBeCloseTo(0.75 * first + 0.25 * second, 6);
  expect(images.dataSync()[6]).toBeCloseTo(0.25 * first + 0.75 * second, 6);
});

it('pastes raw images of the source, and shares their labels', () => {
  const large = { images: Uint8Array.from({ length: 3 * 64 }, (_, i) => i), labels: Uint8Array.of(2, 0, 1) };
  const augmentation = compileAugmentation({ name: 'cutmix_sample', beta: 1, probability: 1 }, [8, 8, 1], {
    classes: 3,
    sampleCount: 3,
  });
  const stream = new NumpyRandomState(3);
  const indices = Array.from({ length: 30 }, (_, i) => i % 3);
  const parameters = indices.map(() => augmentation.sample(stream));
  const batch = { source: large, imageShape: [8, 8, 1], classes: 3, augmentation } as const;
  const { images, labels } = imageBatch(batch, { indices, parameters });
  const [pixels, rows] = [images.dataSync(), labels.dataSync()];
  for (let i = 0; i < 30; i++) {
    // Every pixel stands where it stood in its own or in a partner's image; shares of labels are those of the pixels.
    const shares = [0, 0, 0];
    for (let at = 0; at < 64; at++) {
      const from = [0, 1, 2].find((image) => pixels[i * 64 + at] === Math.fround((image * 64 + at) / 255)) as number;
      shares[large.labels[from]] += 1 / 64;
    }
    shares.forEach((share, c) => expect(rows[3 * i + c]).toBeCloseTo(share, 6));
  }
  expect(Array.from(rows).filter((share) => share > 0 && share < 1).length).toBeGreaterThan(20);
});

it('a prediction is right when its largest logit is that of the true class', () => {
  const logits = tf.tensor2d([1, 2, 3, -3, -2, -1, 5, 4, 4], [3, 3]);
  const oneHot = tf.tensor2d([0, 0, 1, 1, 0, 0, 1, 0, 0], [3, 3]);
  expect(Array.from(correctPredictions(logits, oneHot).dataSync())).toEqual([1, 0, 1]);
});
