export { type Model, WeightSizeError } from './build-model.ts';
export { getModel, type ModelName } from './get-model.ts';
export type { TrainableTensor } from './tensor-layout.ts';
export { weightHash } from './weight-hash.ts';
