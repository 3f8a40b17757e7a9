// Facts about each dataset that a grid is checked against before anything is loaded: sizes, shape, files and checksums.

export interface DatasetFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface DatasetFacts {
  readonly meaning: string;
  readonly source: string;
  /** height, width, channels in pixels */
  readonly imageShape: readonly [height: number, width: number, channels: number];
  readonly classes: number;
  readonly trainImages: number;
  readonly testImages: number;
  /** border of the crop augmentations and side of cutout when a grid does not say */
  readonly defaultPad: number;
  readonly defaultCutout: number;
  readonly files: readonly DatasetFile[];
}

export const DATASET_FACTS = {
  mnist: {
    meaning: 'Handwritten digits, 28×28 grey.',
    source: 'LeCun, Cortes, Burges: the MNIST database (1998)',
    imageShape: [28, 28, 1],
    classes: 10,
    trainImages: 60_000,
    testImages: 10_000,
    defaultPad: 1,
    defaultCutout: 10,
    files: [
      {
        name: 'train-images-idx3-ubyte',
        bytes: 47_040_016,
        sha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
      },
      {
        name: 'train-labels-idx1-ubyte',
        bytes: 60_008,
        sha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
      },
      {
        name: 't10k-images-idx3-ubyte',
        bytes: 7_840_016,
        sha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
      },
      {
        name: 't10k-labels-idx1-ubyte',
        bytes: 10_008,
        sha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
      },
    ],
  },
} as const satisfies Record<string, DatasetFacts>;

export type DatasetName = keyof typeof DATASET_FACTS;
export const DATASET_NAMES = Object.keys(DATASET_FACTS) as DatasetName[];

/** The checksums of a dataset's files in file order, joined: what a runKey holds of the data. */
export function datasetChecksum(name: DatasetName): string {
  return DATASET_FACTS[name].files.map((file) => file.sha256).join('+');
}
