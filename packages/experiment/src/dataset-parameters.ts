// The axes of the dataset: which images, how many of each kind, and of a folder of one's own, what they are.
import { z } from 'zod';
import { at, count } from './attack-parameters.ts';
import { axis, type AxisFacts, dependentAxis } from './axis.ts';
import { DATASET_NAMES, type DatasetName, identityOf, type ImageIdentity } from './dataset-traits.ts';

/** No absolute path and no `..`: nothing outside the data folder can be named. */
const FOLDER = /^(?!.*\.\.)[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/;
const folderName = z
  .string()
  .max(200)
  .regex(FOLDER, 'must be a folder inside the data folder, of letters, digits, ".", "_", "-" and "/", without ".."');

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a sha256 of 64 hex digits');

/** 1 or 3, as a range, so that the catalogue states limits like those of other numbers. */
const channelCount = z
  .int()
  .min(1)
  .max(3)
  .refine((channels) => channels !== 2, 'must be 1 or 3');

/** One of the facts that a grid must give for `images`, and that follow from the name of any other dataset. */
const identity = <K extends keyof ImageIdentity>(
  key: K,
  schema: z.ZodType<ImageIdentity[K]>,
  defaultText: string,
  facts: AxisFacts,
) => {
  const resolveDefault = (name: DatasetName): ImageIdentity[K] => identityOf(name)[key];
  return dependentAxis(
    schema,
    `${defaultText}; must be given for images`,
    (soFar) => resolveDefault(at(soFar, 'dataset.name')),
    facts,
  );
};

export const dataset = {
  name: axis(z.enum(DATASET_NAMES), 'mnist', {
    meaning:
      'The images and their labels. For "images", the other parameters say what they are; `reseed data describe FOLDER` prints them.',
  }),
  trainSize: axis(count(1, 1_000_000), 1000, {
    meaning: 'Training images, taken after the validation images of the split.',
    unit: 'images',
  }),
  validationSize: axis(count(1, 1_000_000), 1000, {
    meaning: 'Held-out training images that choose the best epoch.',
    unit: 'images',
  }),
  testSize: axis(count(1, 1_000_000), 1000, {
    meaning: 'First images of the test file, in file order; of images, in the fixed order of the test images.',
    unit: 'images',
  }),
  splitSeed: axis(count(0, 0xffffffff), 0, {
    meaning: 'Seed of the permutation that splits train from validation; the same for all seeds.',
    unit: 'seed',
  }),
  folder: identity('folder', folderName, 'the folder of the original files', {
    meaning: 'Folder inside the data folder that holds the images; free for images only.',
  }),
  height: identity('height', count(8, 512), 'rows of the images of the dataset', {
    meaning: 'Rows; images of another size are resized. Free for images only.',
    unit: 'pixels',
  }),
  width: identity('width', count(8, 512), 'columns of the images of the dataset', {
    meaning: 'Columns; images of another size are resized. Free for images only.',
    unit: 'pixels',
  }),
  channels: identity('channels', channelCount, 'channels of the images of the dataset', {
    meaning: '1 (grey) or 3 (colour), to which images are converted. Free for images only.',
    unit: 'channels',
  }),
  classes: identity('classes', count(2, 10_000), 'classes of the dataset', {
    meaning: 'Subfolders with images; free for images only.',
    unit: 'classes',
  }),
  checksum: identity('checksum', sha256, 'that of the checksums of the original files', {
    meaning:
      'sha256 of what sha256sum prints of all images, sorted by path: results belong to these very files. Free for images only.',
  }),
};
