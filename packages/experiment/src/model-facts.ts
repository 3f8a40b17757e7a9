// Facts about each architecture that a grid is checked against before anything is built.

export interface ModelFacts {
  readonly meaning: string;
  /** The image shapes that it takes, height, width, channels in pixels. */
  readonly imageShapes: readonly (readonly [height: number, width: number, channels: number])[];
  readonly source: string;
}

export const MODEL_FACTS = {
  'tiny-cnn': {
    meaning: 'Two strided 3×3 convolutions (8, 16) and one hidden layer of 64; for studies on a CPU.',
    imageShapes: [[28, 28, 1]],
    source: 'this project',
  },
  mnist_net: {
    meaning: 'Two strided 4×4 convolutions (16, 32) and one hidden layer of 100.',
    imageShapes: [[28, 28, 1]],
    source: 'Wong, Rice & Kolter 2020, arXiv:2001.03994',
  },
  'madry-cnn': {
    meaning: 'Two 5×5 convolutions (32, 64) with pooling and one hidden layer of 1024; 3,274,634 parameters.',
    imageShapes: [[28, 28, 1]],
    source: 'Madry et al. 2018, arXiv:1706.06083',
  },
  'linear-softmax': {
    meaning: 'One linear layer: the baseline without depth.',
    imageShapes: [
      [28, 28, 1],
      [32, 32, 3],
    ],
    source: 'this project',
  },
} as const satisfies Record<string, ModelFacts>;

export type ModelName = keyof typeof MODEL_FACTS;
export const MODEL_NAMES = Object.keys(MODEL_FACTS) as ModelName[];
