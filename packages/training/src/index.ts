export {
  type BackendName,
  type BackendRequest,
  type DeviceRequest,
  GpuUnavailableError,
  openBackend,
  type RefusedBackend,
  refusedBackends,
} from './backend.ts';
export { BACKEND_PACKAGES, type BackendPackage, probeBackend } from './probe-backend.ts';
export type { EvaluationProgress } from './attack-source.ts';
export {
  type EvaluateWeightsOptions,
  evaluateWeights,
  NoAttackError,
  type StoredWeights,
  type WeightsEvaluation,
  WeightsNotFiniteError,
} from './evaluate-weights.ts';
export { classifyFailure, DivergedError, InvalidSpecError } from './failure.ts';
export { matrixProductRate } from './matrix-product-rate.ts';
export { type BetweenSteps, repeatSteps } from './repeat-steps.ts';
export { type CountedMethod, stepOperationsOf } from './step-operations.ts';
export type { RunCheckpoints, StoredCheckpoint } from './run-checkpoints.ts';
export type { TrainedWeights } from './finish-run.ts';
export type { TrainingEvents } from './train-run.ts';
export { createTrainer, type Preparation, type Trainer, type TrainerOptions } from './trainer.ts';
