// Facts about each architecture that a grid is checked against before anything is built.

type ImageShape = readonly [height: number, width: number, channels: number];

export interface ModelFacts {
  readonly meaning: string;
  /** Of the images that it was published for, in pixels; it is built for those of any dataset. */
  readonly imageShape: ImageShape;
  /** Whether it normalises by batches, so that the mode of batch norm and the batch size matter. */
  readonly batchNorm: boolean;
  readonly dropout: boolean;
  /** Whether it normalises pixels unless a grid says otherwise. */
  readonly normalises: boolean;
  /** Smaller images get a border of zeros, the same at both sides. */
  readonly leastSide?: number;
  /** Smaller images cannot be taken. */
  readonly fewestPixels?: number;
  readonly source: string;
}

const GREY: ImageShape = [28, 28, 1];
const COLOUR: ImageShape = [32, 32, 3];

const plain = (meaning: string, source: string) =>
  ({ meaning, imageShape: GREY, batchNorm: false, dropout: false, normalises: false, source }) as const;

const residual = (meaning: string, source: string) =>
  ({ meaning, imageShape: COLOUR, batchNorm: true, dropout: false, normalises: true, source }) as const;

const RICE = 'Rice, Wong & Kolter 2020, arXiv:2002.11569';
const GOWAL = 'Gowal et al. 2020, arXiv:2010.03593';
const TRADES = 'Zhang et al. 2019, arXiv:1901.08573';

/** DeepMind’s forms; they put a border around images smaller than 32×32. */
const deepmind = (what: string, activation: 'ReLU' | 'SiLU') =>
  ({ ...residual(`${what} in the form of DeepMind’s code, with ${activation}.`, GOWAL), leastSide: 32 }) as const;

const wide = (size: string, activation: 'ReLU' | 'SiLU') => deepmind(`Wide ResNet ${size}`, activation);

export const MODEL_FACTS = {
  'tiny-cnn': plain(
    'Two strided 3×3 convolutions (8, 16) and one hidden layer of 64; for studies on a CPU.',
    'this project',
  ),
  'tiny-cnn-bn': {
    ...plain(
      'Two strided 3×3 convolutions (16, 32) with batch norm and one hidden layer of 64; for questions about batch norm on a CPU.',
      'this project',
    ),
    batchNorm: true,
  },
  mnist_net: plain(
    'Two strided 4×4 convolutions (16, 32) and one hidden layer of 100.',
    'Wong, Rice & Kolter 2020, arXiv:2001.03994',
  ),
  'madry-cnn': plain(
    'Two 5×5 convolutions (32, 64) with pooling and one hidden layer of 1024; 3,274,634 parameters.',
    'Madry et al. 2018, arXiv:1706.06083',
  ),
  'small-cnn': {
    ...plain('Four 3×3 convolutions (32, 32, 64, 64) with pooling, two hidden layers of 200 and dropout.', TRADES),
    dropout: true,
    fewestPixels: 16,
  },
  'linear-softmax': plain('One linear layer: the baseline without depth.', 'this project'),
  'preactresnet-18': residual('Pre-activation ResNet-18; 11,172,170 parameters.', RICE),
  'preactresnet-18-wong': residual(
    'Pre-activation ResNet-18 whose shortcuts start before batch norm.',
    'Wong, Rice & Kolter 2020, arXiv:2001.03994',
  ),
  'preactresnet-18-deepmind-relu': deepmind('Pre-activation ResNet-18', 'ReLU'),
  'preactresnet-18-deepmind-silu': deepmind('Pre-activation ResNet-18', 'SiLU'),
  'wrn-28-10-deepmind-relu': wide('28-10', 'ReLU'),
  'wrn-28-10-deepmind-silu': wide('28-10', 'SiLU'),
  'wrn-34-10-deepmind-relu': wide('34-10', 'ReLU'),
  'wrn-34-10-deepmind-silu': wide('34-10', 'SiLU'),
  'wrn-34-20-deepmind-relu': wide('34-20', 'ReLU'),
  'wrn-34-20-deepmind-silu': wide('34-20', 'SiLU'),
  'wrn-40-2-deepmind-relu': wide('40-2', 'ReLU'),
  'wrn-40-2-deepmind-silu': wide('40-2', 'SiLU'),
  'wrn-70-16-deepmind-relu': wide('70-16', 'ReLU'),
  'wrn-70-16-deepmind-silu': wide('70-16', 'SiLU'),
  'wrn-106-16-deepmind-relu': wide('106-16', 'ReLU'),
  'wrn-106-16-deepmind-silu': wide('106-16', 'SiLU'),
  'wrn-34-10-rice': residual('Wide ResNet 34-10 of the code on robust overfitting.', RICE),
  'wrn-34-20-rice': residual('Wide ResNet 34-20 of the code on robust overfitting.', RICE),
  'wrn-28-10-trades': { ...residual('Wide ResNet 28-10 of the code of TRADES.', TRADES), normalises: false },
  'wrn-34-10-trades': { ...residual('Wide ResNet 34-10 of the code of TRADES.', TRADES), normalises: false },
  'wrn-40-2-trades': { ...residual('Wide ResNet 40-2 of the code of TRADES.', TRADES), normalises: false },
} as const satisfies Record<string, ModelFacts>;

export type ModelName = keyof typeof MODEL_FACTS;
export const MODEL_NAMES = Object.keys(MODEL_FACTS) as ModelName[];
