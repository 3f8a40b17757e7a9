// The augmentations by name: the parameters of each as a strict schema, its paper, and what kind of draws it makes.
import { z } from 'zod';

const pad = z.int().min(0).max(16).describe('border width in pixels before cropping back');
const fill = z
  .enum(['zero', 'reflect'])
  .optional()
  .describe('what the border holds: zero (torchvision, the default) or the mirrored image (Rice et al. 2020)');
const side = z.int().min(1).max(64).describe('side of the square set to zero, in pixels');
const probability = z.number().min(0).max(1).describe('chance that an image is changed at all');
const shape = z.number().gt(0).max(100).describe('a of the Beta(a, a) that the mixing weight is drawn from');
const window = z
  .int()
  .min(1)
  .max(64)
  .optional()
  .describe('fixed side of the box in pixels instead of one from the mixing weight (Rebuffi et al. 2021: 20 of 32)');
const change = z.number().min(0).max(1);
const low = z.int().min(0).max(64).describe('fewest rows and columns, together, that are cropped away');
const high = z.int().min(0).max(64).describe('end, exclusive, of the rows and columns that are cropped away');

/** One strict object per augmentation; the keys are the names used in grids, results and the catalogue. */
export const AUGMENTATION_SCHEMAS = {
  none: z.strictObject({ name: z.literal('none') }).describe('The image as it is; nothing is drawn.'),
  pad_crop: z
    .strictObject({ name: z.literal('pad_crop'), pad, fill })
    .describe('Pad by `pad`, crop back to size at a random offset (Krizhevsky 2009): two draws per sample.'),
  pad_crop_flip: z
    .strictObject({ name: z.literal('pad_crop_flip'), pad, fill })
    .describe('pad_crop, then a left-right mirror with probability 1/2: three draws per sample.'),
  cutout: z
    .strictObject({ name: z.literal('cutout'), length: side })
    .describe(
      'A square centred anywhere, clipped at the border, set to zero (DeVries & Taylor 2017): two draws per sample.',
    ),
  hflip: z
    .strictObject({ name: z.literal('hflip') })
    .describe('A left-right mirror with probability 1/2; it turns some digits into others: one draw per sample.'),
  cutout_inside: z
    .strictObject({ name: z.literal('cutout_inside'), length: side })
    .describe('A square wholly inside the image, set to zero (cifar10-fast; Rice et al. 2020): two draws per sample.'),
  random_erasing: z
    .strictObject({ name: z.literal('random_erasing'), probability })
    .describe(
      'A rectangle of 2–33 % of the area and aspect 0.3–3.3 set to zero (Zhong et al. 2020): one draw per sample, and those of the rectangle.',
    ),
  cutmix_sample: z
    .strictObject({ name: z.literal('cutmix_sample'), beta: shape, probability, window })
    .describe(
      'A box of another raw training image pasted in, labels mixed by area (Yun et al. 2019): five draws per sample.',
    ),
  cutmix_batch: z
    .strictObject({ name: z.literal('cutmix_batch'), alpha: shape, window })
    .describe(
      'CutMix with one box for the batch and partners from a permutation of it (Yun et al. 2019): draws per batch.',
    ),
  mixup_batch: z
    .strictObject({ name: z.literal('mixup_batch'), alpha: shape })
    .describe('Weighted sums of two images and of their labels (Zhang et al. 2018): draws per batch.'),
  ricap_batch: z
    .strictObject({ name: z.literal('ricap_batch'), beta: shape })
    .describe('Four crops patched together, labels mixed by area (Takahashi et al. 2018): draws per batch.'),
  color_jitter: z
    .strictObject({
      name: z.literal('color_jitter'),
      brightness: change.describe('largest change of the brightness factor 1'),
      contrast: change.describe('largest change of the contrast factor 1'),
    })
    .describe('Random brightness, then random contrast (Krizhevsky et al. 2012): two draws per sample.'),
  trivial_augment: z
    .strictObject({
      name: z.literal('trivial_augment'),
      translate: z.int().min(0).max(64).describe('largest translation in pixels; 32 in the published wide space'),
      rotate: z.number().min(0).max(180).describe('largest rotation in degrees; 135 in the published wide space'),
    })
    .describe(
      'One of 14 operators at one of 31 magnitudes (Müller & Hutter 2021), color without effect on grey images: three draws per sample.',
    ),
  rand_augment: z
    .strictObject({
      name: z.literal('rand_augment'),
      operations: z.int().min(1).max(8).describe('n: operators applied one after the other'),
      magnitude: z.int().min(0).max(30).describe('m: magnitude of all operators, the m-th of 31'),
    })
    .describe(
      'n of 14 operators at magnitude m (Cubuk et al. 2020), color without effect on grey images: two draws per operator and sample.',
    ),
  auto_augment: z
    .strictObject({ name: z.literal('auto_augment') })
    .describe(
      'One of 25 sub-policies learnt on CIFAR-10 (Cubuk et al. 2019), color and invert without effect on grey images: five draws per sample.',
    ),
  affine_jitter: z
    .strictObject({
      name: z.literal('affine_jitter'),
      degrees: z.number().min(0).max(180).describe('largest rotation either way, in degrees'),
      translate: z.int().min(0).max(64).describe('largest shift either way, in whole pixels'),
      scale: z.number().min(0).max(0.9).describe('largest change of the scale 1'),
    })
    .describe('A small rotation, shift and scaling, nearest neighbour (Simard et al. 2003): four draws per sample.'),
  cropshift: z
    .strictObject({ name: z.literal('cropshift'), low, high })
    .describe('A random crop put at a random place of a black image (Li & Spratling 2023): six draws per sample.'),
  idbh: z
    .strictObject({ name: z.literal('idbh'), low, high, probability: probability.describe('of its random_erasing') })
    .describe(
      'cropshift, one of eight colour and shape operators, random_erasing (Li & Spratling 2023, without its flip): eleven or more draws per sample.',
    ),
} as const;

export type AugmentationName = keyof typeof AUGMENTATION_SCHEMAS;
export const AUGMENTATION_NAMES = Object.keys(AUGMENTATION_SCHEMAS) as AugmentationName[];

export interface AugmentationFacts {
  /** in `__getitem__`, once per sample, or in `collate_fn`, once per batch after its samples */
  readonly drawnIn: 'sample' | 'batch';
  /**
   * choices: each draw is one of a fixed number of options, so that they can be drawn for all samples at once; uniform:
   * whole numbers and doubles, which every generator serves; numpy_only: beta, normal or permutation as well
   */
  readonly draws: 'choices' | 'uniform' | 'numpy_only';
  /** mixed: label rows become soft, as images of several classes are put together */
  readonly labels: 'hard' | 'mixed';
}

const choices: AugmentationFacts = { drawnIn: 'sample', draws: 'choices', labels: 'hard' };
const uniform: AugmentationFacts = { drawnIn: 'sample', draws: 'uniform', labels: 'hard' };
const numpyBatch: AugmentationFacts = { drawnIn: 'batch', draws: 'numpy_only', labels: 'mixed' };

/** Where each augmentation draws and what, which decides the seeding modes that serve it. */
export const AUGMENTATION_FACTS: Readonly<Record<AugmentationName, AugmentationFacts>> = {
  none: choices,
  pad_crop: choices,
  pad_crop_flip: choices,
  cutout: choices,
  hflip: choices,
  cutout_inside: choices,
  random_erasing: uniform,
  cutmix_sample: { drawnIn: 'sample', draws: 'numpy_only', labels: 'mixed' },
  cutmix_batch: numpyBatch,
  mixup_batch: numpyBatch,
  ricap_batch: numpyBatch,
  color_jitter: uniform,
  trivial_augment: choices,
  rand_augment: choices,
  auto_augment: uniform,
  affine_jitter: uniform,
  cropshift: uniform,
  idbh: uniform,
};
