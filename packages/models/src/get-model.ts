// The models by the names that grids use.
import type { Condition } from '@reseed/experiment';
import { buildModel, type Model } from './build-model.ts';
import type { Architecture } from './layer.ts';
import { linearSoftmax } from './linear-softmax.ts';
import { madryCnn } from './madry-cnn.ts';
import { mnistNet } from './mnist-net.ts';
import type { ModelOptions } from './model-options.ts';
import { preactResnet18, preactResnet18Deepmind, preactResnet18Wong } from './preact-resnet.ts';
import { smallCnn } from './small-cnn.ts';
import { tinyCnn } from './tiny-cnn.ts';
import { tinyCnnBn } from './tiny-cnn-bn.ts';
import { wideResNetDeepmind, wideResNetRice, wideResNetTrades, type WideResNetSize } from './wide-resnet.ts';

const SIZES = {
  '28-10': { depth: 28, width: 10, parameterCount: 36_479_194, bufferCount: 17_952 },
  '34-10': { depth: 34, width: 10, parameterCount: 46_160_474, bufferCount: 22_432 },
  '34-20': { depth: 34, width: 20, parameterCount: 184_531_674, bufferCount: 44_832 },
  '40-2': { depth: 40, width: 2, parameterCount: 2_243_546, bufferCount: 5_408 },
  '70-16': { depth: 70, width: 16, parameterCount: 266_796_506, bufferCount: 78_880 },
  '106-16': { depth: 106, width: 16, parameterCount: 415_475_162, bufferCount: 121_888 },
} as const satisfies Record<string, WideResNetSize>;

const ARCHITECTURES = {
  'linear-softmax': linearSoftmax,
  'tiny-cnn': tinyCnn,
  'tiny-cnn-bn': tinyCnnBn,
  mnist_net: mnistNet,
  'madry-cnn': madryCnn,
  'small-cnn': smallCnn,
  'preactresnet-18': preactResnet18,
  'preactresnet-18-wong': preactResnet18Wong,
  'preactresnet-18-deepmind-relu': preactResnet18Deepmind('relu'),
  'preactresnet-18-deepmind-silu': preactResnet18Deepmind('silu'),
  'wrn-28-10-deepmind-relu': wideResNetDeepmind(SIZES['28-10'], 'relu'),
  'wrn-28-10-deepmind-silu': wideResNetDeepmind(SIZES['28-10'], 'silu'),
  'wrn-34-10-deepmind-relu': wideResNetDeepmind(SIZES['34-10'], 'relu'),
  'wrn-34-10-deepmind-silu': wideResNetDeepmind(SIZES['34-10'], 'silu'),
  'wrn-34-20-deepmind-relu': wideResNetDeepmind(SIZES['34-20'], 'relu'),
  'wrn-34-20-deepmind-silu': wideResNetDeepmind(SIZES['34-20'], 'silu'),
  'wrn-40-2-deepmind-relu': wideResNetDeepmind(SIZES['40-2'], 'relu'),
  'wrn-40-2-deepmind-silu': wideResNetDeepmind(SIZES['40-2'], 'silu'),
  'wrn-70-16-deepmind-relu': wideResNetDeepmind(SIZES['70-16'], 'relu'),
  'wrn-70-16-deepmind-silu': wideResNetDeepmind(SIZES['70-16'], 'silu'),
  'wrn-106-16-deepmind-relu': wideResNetDeepmind(SIZES['106-16'], 'relu'),
  'wrn-106-16-deepmind-silu': wideResNetDeepmind(SIZES['106-16'], 'silu'),
  'wrn-34-10-rice': wideResNetRice(SIZES['34-10']),
  'wrn-34-20-rice': wideResNetRice(SIZES['34-20']),
  'wrn-28-10-trades': wideResNetTrades({ ...SIZES['28-10'], parameterCount: 38_119_866, bufferCount: 20_224 }),
  'wrn-34-10-trades': wideResNetTrades({ ...SIZES['34-10'], parameterCount: 48_262_586, bufferCount: 25_344 }),
  'wrn-40-2-trades': wideResNetTrades({ ...SIZES['40-2'], parameterCount: 2_350_778, bufferCount: 6_144 }),
} as const satisfies Record<string, Architecture> & Record<Condition['model'], Architecture>;

export type ModelName = keyof typeof ARCHITECTURES;

/**
 * Builds the model; it holds no weights, so one can serve any number of runs.
 * @throws ModelOptionError; LayerOrderError for an image shape that the architecture cannot take
 */
export const getModel = (name: ModelName, options: ModelOptions = {}): Model =>
  buildModel(ARCHITECTURES[name], options);
