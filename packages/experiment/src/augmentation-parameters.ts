// The augmentations by name, with the parameters each one takes; what they do to pixels lives in packages/augmentation.
import { z } from 'zod';
import type { Resolved } from './axis.ts';
import { readPath } from './axis.ts';
import { DATASET_FACTS, type DatasetName } from './dataset-facts.ts';

const pad = z.int().min(0).max(16).describe('border width in pixels, zero filled, before cropping back');

/** One strict object per augmentation; the keys are the names used in grids, results and the catalogue. */
export const AUGMENTATION_SCHEMAS = {
  none: z.strictObject({ name: z.literal('none') }).describe('The image as it is; nothing is drawn.'),
  pad_crop: z
    .strictObject({ name: z.literal('pad_crop'), pad })
    .describe('Zero-pad by `pad`, crop back to size at a random offset: two draws per sample.'),
  pad_crop_flip: z
    .strictObject({ name: z.literal('pad_crop_flip'), pad })
    .describe('pad_crop, then a left-right mirror with probability 1/2: three draws per sample.'),
  cutout: z
    .strictObject({
      name: z.literal('cutout'),
      length: z.int().min(1).max(64).describe('side of the square set to zero, in pixels'),
    })
    .describe(
      'A square centred anywhere, clipped at the border, set to zero (DeVries & Taylor 2017): two draws per sample.',
    ),
} as const;

export type AugmentationName = keyof typeof AUGMENTATION_SCHEMAS;
export const AUGMENTATION_NAMES = Object.keys(AUGMENTATION_SCHEMAS) as AugmentationName[];

/** One augmentation with all its parameters. */
export type AugmentationItem = { [N in AugmentationName]: z.infer<(typeof AUGMENTATION_SCHEMAS)[N]> }[AugmentationName];

/** The canonical form: `'none'`, one item, or a list applied in order. */
export type Augmentation = 'none' | AugmentationItem | AugmentationItem[];

const written = z.union([
  z.enum(AUGMENTATION_NAMES),
  z.discriminatedUnion('name', [
    AUGMENTATION_SCHEMAS.none,
    AUGMENTATION_SCHEMAS.pad_crop.partial({ pad: true }),
    AUGMENTATION_SCHEMAS.pad_crop_flip.partial({ pad: true }),
    AUGMENTATION_SCHEMAS.cutout.partial({ length: true }),
  ]),
]);

/** As a user may write it: a name, `{ name, …parameters }`, or a list of these; left-out parameters take their defaults. */
export const augmentationSchema = z.union([written, z.array(written).min(1).max(8)]);
export type WrittenAugmentation = z.infer<typeof augmentationSchema>;

/** Pad 1 / 4 and cutout side 10 / 16 by image side, the sizes used in the literature for 28×28 and 32×32 images. */
function resolveItem(item: z.infer<typeof written>, dataset: DatasetName): AugmentationItem {
  const given: { name: AugmentationName; pad?: number | undefined; length?: number | undefined } =
    typeof item === 'string' ? { name: item } : item;
  const facts = DATASET_FACTS[dataset];
  switch (given.name) {
    case 'none':
      return { name: 'none' };
    case 'pad_crop':
    case 'pad_crop_flip':
      return { name: given.name, pad: given.pad ?? facts.defaultPad };
    case 'cutout':
      return { name: 'cutout', length: given.length ?? facts.defaultCutout };
  }
}

/** Turns what was written into the canonical form; `none` inside a longer list is dropped. */
export function resolveAugmentation(value: WrittenAugmentation, soFar: Resolved): Augmentation {
  const dataset = readPath(soFar, 'dataset.name') as DatasetName;
  const items = (Array.isArray(value) ? value : [value])
    .map((item) => resolveItem(item, dataset))
    .filter((item) => item.name !== 'none');
  if (items.length === 0) return 'none';
  return items.length === 1 ? (items[0] as AugmentationItem) : items;
}

/** The items of a canonical augmentation, in the order in which they draw and are applied. */
export function augmentationItems(augmentation: Augmentation): AugmentationItem[] {
  if (augmentation === 'none') return [];
  return Array.isArray(augmentation) ? augmentation : [augmentation];
}

/** A short label, `pad_crop(pad=1)`, for tables and plots. */
export function describeAugmentation(augmentation: Augmentation): string {
  const items = augmentationItems(augmentation);
  if (items.length === 0) return 'none';
  return items
    .map(({ name, ...parameters }) => {
      const inner = Object.entries(parameters).map(([key, value]) => `${key}=${value}`);
      return inner.length === 0 ? name : `${name}(${inner.join(',')})`;
    })
    .join('+');
}
