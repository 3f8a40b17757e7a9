// The models by the names that grids use.
import type { Condition } from '@reseed/experiment';
import { buildModel, type Model } from './build-model.ts';
import type { Architecture } from './layer.ts';
import { mnistNet } from './mnist-net.ts';
import { tinyCnn } from './tiny-cnn.ts';

export type ModelName = Condition['model'];

const ARCHITECTURES = { 'tiny-cnn': tinyCnn, mnist_net: mnistNet } as const satisfies Record<ModelName, Architecture>;

/** Builds the model; it holds no weights, so one can serve any number of runs. */
export const getModel = (name: ModelName): Model => buildModel(ARCHITECTURES[name]);
