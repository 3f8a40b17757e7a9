// Binds one item of an augmentation to an image shape: the only place that knows which file implements which name.
import type { AugmentationItem } from '@reseed/experiment';
import { affineJitter } from './affine-jitter.ts';
import { autoAugment } from './auto-augment.ts';
import { colorJitter } from './color-jitter.ts';
import { cropshift } from './cropshift.ts';
import { cutmixBatch } from './cutmix-batch.ts';
import { cutmixSample } from './cutmix-sample.ts';
import { cutout } from './cutout.ts';
import { cutoutInside } from './cutout-inside.ts';
import { OptionMissingError } from './errors.ts';
import { hflip } from './hflip.ts';
import { idbh } from './idbh.ts';
import type { BatchMethod, ImageMethod, ImageShape } from './image-method.ts';
import { mixupBatch } from './mixup-batch.ts';
import { padCrop } from './pad-crop.ts';
import { padCropFlip } from './pad-crop-flip.ts';
import { randAugment } from './rand-augment.ts';
import { randomErasing } from './random-erasing.ts';
import { ricapBatch } from './ricap-batch.ts';
import { trivialAugment } from './trivial-augment.ts';

export type BoundMethod =
  | { readonly drawnIn: 'sample'; readonly method: ImageMethod }
  | { readonly drawnIn: 'batch'; readonly method: BatchMethod };

const perSample = (method: ImageMethod): BoundMethod => ({ drawnIn: 'sample', method });
const perBatch = (method: BatchMethod): BoundMethod => ({ drawnIn: 'batch', method });

/**
 * The method of an item; undefined for `none`.
 * @param sampleCount training images, which cutmix_sample draws partners from
 * @throws OptionMissingError when an item needs `sampleCount` and there is none
 */
export function bindMethod(
  item: AugmentationItem,
  shape: ImageShape,
  sampleCount: number | undefined,
): BoundMethod | undefined {
  switch (item.name) {
    case 'none':
      return undefined;
    case 'pad_crop':
      return perSample(padCrop(item.pad, item.fill ?? 'zero', shape));
    case 'pad_crop_flip':
      return perSample(padCropFlip(item.pad, item.fill ?? 'zero', shape));
    case 'hflip':
      return perSample(hflip(shape));
    case 'cutout':
      return perSample(cutout(item.length, shape));
    case 'cutout_inside':
      return perSample(cutoutInside(item.length, shape));
    case 'random_erasing':
      return perSample(randomErasing(item.probability, shape));
    case 'cutmix_sample':
      if (sampleCount === undefined) throw new OptionMissingError(item.name, 'sampleCount');
      return perSample(cutmixSample({ ...item, sampleCount }, shape));
    case 'cutmix_batch':
      return perBatch(cutmixBatch(item, shape));
    case 'mixup_batch':
      return perBatch(mixupBatch(item.alpha, shape));
    case 'ricap_batch':
      return perBatch(ricapBatch(item.beta, shape));
    case 'color_jitter':
      return perSample(colorJitter(item, shape));
    case 'trivial_augment':
      return perSample(trivialAugment(item, shape));
    case 'rand_augment':
      return perSample(randAugment(item, shape));
    case 'auto_augment':
      return perSample(autoAugment(shape));
    case 'affine_jitter':
      return perSample(affineJitter(item, shape));
    case 'cropshift':
      return perSample(cropshift(item, shape));
    case 'idbh':
      return perSample(idbh(item, shape));
  }
}
