export {
  type DeviceRequest,
  GpuUnavailableError,
  openBackend,
  type RefusedBackend,
  refusedBackends,
} from './backend.ts';
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
export type { RunCheckpoints, StoredCheckpoint } from './run-checkpoints.ts';
export type { TrainedWeights } from './finish-run.ts';
export type { TrainingEvents } from './train-run.ts';
export { createTrainer, type Trainer, type TrainerOptions } from './trainer.ts';
