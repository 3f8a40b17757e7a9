// What is known of the images of a run before they are loaded, of a named dataset as of a folder of the user's own.
import { createHash } from 'node:crypto';
import { DATASET_FACTS, type DatasetFacts, type NamedDataset } from './dataset-facts.ts';

export const DATASET_NAMES = [...(Object.keys(DATASET_FACTS) as NamedDataset[]), 'images'] as const;
export type DatasetName = (typeof DATASET_NAMES)[number];

/** What identifies the images; of a named dataset it follows from the name, of `images` the grid says it. */
export interface ImageIdentity {
  /** inside the data folder */
  readonly folder: string;
  /** in pixels */
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly classes: number;
  /** sha256, 64 hex digits */
  readonly checksum: string;
}

/** As it stands in a condition, without the sizes of the split. */
export interface DatasetBlock extends ImageIdentity {
  readonly name: DatasetName;
}

export interface DatasetTraits
  extends Pick<DatasetFacts, 'imageShape' | 'classes' | 'defaultPad' | 'defaultCutout' | 'normalisation'> {
  /** null where only the machine that holds the images knows */
  readonly trainImages: number | null;
  readonly testImages: number | null;
  /** What a runKey holds of the data. */
  readonly checksum: string;
}

/** What stands in a condition of `images` that does not say what they are; findConflicts reports it. */
const MISSING: ImageIdentity = { folder: '', height: 0, width: 0, channels: 0, classes: 0, checksum: '' };

export const IMAGES_CATALOGUE_ENTRY = {
  name: 'images',
  meaning:
    'PNG and JPEG files in a folder of the data folder, a subfolder for each class; the grid says what they are, as `reseed data describe` prints it.',
  source: 'your own files',
  imageShape: null,
  classes: null,
  trainImages: null,
  testImages: null,
} as const;

/** The checksums of a dataset's files in file order, joined. */
const joinedChecksums = (name: NamedDataset): string => DATASET_FACTS[name].files.map(({ sha256 }) => sha256).join('+');

const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');

const IDENTITIES = Object.fromEntries(
  (Object.keys(DATASET_FACTS) as NamedDataset[]).map((name): [NamedDataset, ImageIdentity] => {
    const { folder, imageShape, classes } = DATASET_FACTS[name];
    const [height, width, channels] = imageShape;
    return [name, { folder, height, width, channels, classes, checksum: sha256Of(joinedChecksums(name)) }];
  }),
) as Readonly<Record<NamedDataset, ImageIdentity>>;

/** Of a named dataset; of `images`, values that no grid may write, as they must be given. */
export const identityOf = (name: DatasetName): ImageIdentity => (name === 'images' ? MISSING : IDENTITIES[name]);

/** The largest values that the augmentations take: see augmentation-schemas.ts. */
const MOST_PAD = 16;
const MOST_CUTOUT = 64;

/** Border and square of CIFAR, 4 and 16 of 32 pixels, in proportion to the shorter side. */
function scaledDefaults({ height, width }: ImageIdentity): Pick<DatasetFacts, 'defaultPad' | 'defaultCutout'> {
  const side = Math.min(height, width);
  return {
    defaultPad: Math.min(MOST_PAD, Math.max(1, Math.round(side / 8))),
    defaultCutout: Math.min(MOST_CUTOUT, Math.max(1, Math.round(side / 2))),
  };
}

/** The one place that tells the facts of a dataset block, named or `images`. */
export function datasetTraits(dataset: DatasetBlock): DatasetTraits {
  const { name, height, width, channels, classes, checksum } = dataset;
  if (name !== 'images') return { ...DATASET_FACTS[name], checksum: joinedChecksums(name) };
  return {
    imageShape: [height, width, channels],
    classes,
    trainImages: null,
    testImages: null,
    ...scaledDefaults(dataset),
    normalisation: { mean: Array(channels).fill(0.5), std: Array(channels).fill(0.5) },
    checksum,
  };
}
