// Facts about each dataset that a grid is checked against before anything is loaded: sizes, shape, files and checksums.

export interface DatasetFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Where the original files come from when they are fetched. */
export interface DatasetDownload {
  readonly url: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface DatasetFacts {
  readonly meaning: string;
  readonly source: string;
  readonly format: 'idx' | 'cifar';
  /** height, width, channels in pixels */
  readonly imageShape: readonly [height: number, width: number, channels: number];
  readonly classes: number;
  readonly trainImages: number;
  readonly testImages: number;
  /** border of the crop augmentations and side of cutout when a grid does not say */
  readonly defaultPad: number;
  readonly defaultCutout: number;
  /** of pixel values 0…1 per channel, as the literature normalises them */
  readonly normalisation: { readonly mean: readonly number[]; readonly std: readonly number[] };
  /** The folder in which the files come. */
  readonly folder: string;
  /** Training files first, then those of the test; of idx, images before labels. Uncompressed. */
  readonly files: readonly DatasetFile[];
  /** One .tar.gz of the folder, or one .gz of each file. */
  readonly downloads: readonly DatasetDownload[];
}

const MNIST_HOST = 'https://ossci-datasets.s3.amazonaws.com/mnist';
const FASHION_HOST = 'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com';
const CIFAR_HOST = 'https://www.cs.toronto.edu/~kriz';
const CIFAR_BATCH_BYTES = 30_730_000;

export const DATASET_FACTS = {
  mnist: {
    meaning: 'Handwritten digits, 28×28 grey.',
    source: 'LeCun, Cortes, Burges: the MNIST database (1998)',
    format: 'idx',
    imageShape: [28, 28, 1],
    classes: 10,
    trainImages: 60_000,
    testImages: 10_000,
    defaultPad: 1,
    defaultCutout: 10,
    normalisation: { mean: [0.5], std: [0.5] },
    folder: 'mnist',
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
    downloads: [
      {
        url: `${MNIST_HOST}/train-images-idx3-ubyte.gz`,
        bytes: 9_912_422,
        sha256: '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
      },
      {
        url: `${MNIST_HOST}/train-labels-idx1-ubyte.gz`,
        bytes: 28_881,
        sha256: '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
      },
      {
        url: `${MNIST_HOST}/t10k-images-idx3-ubyte.gz`,
        bytes: 1_648_877,
        sha256: '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
      },
      {
        url: `${MNIST_HOST}/t10k-labels-idx1-ubyte.gz`,
        bytes: 4542,
        sha256: 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
      },
    ],
  },
  fashion_mnist: {
    meaning: 'Pictures of clothes, 28×28 grey.',
    source: 'Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747',
    format: 'idx',
    imageShape: [28, 28, 1],
    classes: 10,
    trainImages: 60_000,
    testImages: 10_000,
    defaultPad: 2,
    defaultCutout: 10,
    normalisation: { mean: [0.5], std: [0.5] },
    folder: 'fashion-mnist',
    files: [
      {
        name: 'train-images-idx3-ubyte',
        bytes: 47_040_016,
        sha256: 'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
      },
      {
        name: 'train-labels-idx1-ubyte',
        bytes: 60_008,
        sha256: 'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
      },
      {
        name: 't10k-images-idx3-ubyte',
        bytes: 7_840_016,
        sha256: '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
      },
      {
        name: 't10k-labels-idx1-ubyte',
        bytes: 10_008,
        sha256: '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
      },
    ],
    downloads: [
      {
        url: `${FASHION_HOST}/train-images-idx3-ubyte.gz`,
        bytes: 26_421_880,
        sha256: '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
      },
      {
        url: `${FASHION_HOST}/train-labels-idx1-ubyte.gz`,
        bytes: 29_515,
        sha256: 'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
      },
      {
        url: `${FASHION_HOST}/t10k-images-idx3-ubyte.gz`,
        bytes: 4_422_102,
        sha256: '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
      },
      {
        url: `${FASHION_HOST}/t10k-labels-idx1-ubyte.gz`,
        bytes: 5148,
        sha256: '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5',
      },
    ],
  },
  cifar10: {
    meaning: 'Photographs of ten kinds of things, 32×32 colour.',
    source: 'Krizhevsky 2009: Learning Multiple Layers of Features from Tiny Images',
    format: 'cifar',
    imageShape: [32, 32, 3],
    classes: 10,
    trainImages: 50_000,
    testImages: 10_000,
    defaultPad: 4,
    defaultCutout: 16,
    normalisation: { mean: [0.4914, 0.4822, 0.4465], std: [0.2471, 0.2435, 0.2616] },
    folder: 'cifar-10-batches-bin',
    files: [
      {
        name: 'data_batch_1.bin',
        bytes: CIFAR_BATCH_BYTES,
        sha256: 'cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5',
      },
      {
        name: 'data_batch_2.bin',
        bytes: CIFAR_BATCH_BYTES,
        sha256: 'a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed',
      },
      {
        name: 'data_batch_3.bin',
        bytes: CIFAR_BATCH_BYTES,
        sha256: 'bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67',
      },
      {
        name: 'data_batch_4.bin',
        bytes: CIFAR_BATCH_BYTES,
        sha256: '014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48',
      },
      {
        name: 'data_batch_5.bin',
        bytes: CIFAR_BATCH_BYTES,
        sha256: '755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add',
      },
      {
        name: 'test_batch.bin',
        bytes: CIFAR_BATCH_BYTES,
        sha256: '8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b',
      },
    ],
    downloads: [
      {
        url: `${CIFAR_HOST}/cifar-10-binary.tar.gz`,
        bytes: 170_052_171,
        sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
      },
    ],
  },
  cifar100: {
    meaning: 'Photographs of a hundred kinds of things, 32×32 colour; the labels are the fine ones.',
    source: 'Krizhevsky 2009: Learning Multiple Layers of Features from Tiny Images',
    format: 'cifar',
    imageShape: [32, 32, 3],
    classes: 100,
    trainImages: 50_000,
    testImages: 10_000,
    defaultPad: 4,
    defaultCutout: 16,
    normalisation: { mean: [0.5071, 0.4865, 0.4409], std: [0.2673, 0.2564, 0.2762] },
    folder: 'cifar-100-binary',
    files: [
      {
        name: 'train.bin',
        bytes: 153_700_000,
        sha256: 'f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29',
      },
      {
        name: 'test.bin',
        bytes: 30_740_000,
        sha256: 'd8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a',
      },
    ],
    downloads: [
      {
        url: `${CIFAR_HOST}/cifar-100-binary.tar.gz`,
        bytes: 168_513_733,
        sha256: '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec',
      },
    ],
  },
} as const satisfies Record<string, DatasetFacts>;

/** A dataset that comes with checksums; `images`, a folder of the user's own, is none. */
export type NamedDataset = keyof typeof DATASET_FACTS;
