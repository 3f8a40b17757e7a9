export { type AttackLoss, crossEntropy, cwMargin, type ImageLoss } from './attack-loss.ts';
export type { AttackName, Border, Threat } from './attack-batch.ts';
export type { ParameterOverrides, ParameterValue } from './attack-parameters.ts';
export { type AutoAttackResult, autoAttack, inspectRun, runAttack, transferAttack } from './auto-attack.ts';
export type { Norm } from './ball.ts';
export type { Labels } from './class-labels.ts';
export { type CraftOptions, craft } from './craft.ts';
export { craftByAdam } from './craft-by-adam.ts';
export {
  AttackParameterError,
  LabelMismatchError,
  SoftLabelsError,
  TooFewClassesError,
  UnknownAttackError,
  UnknownParameterError,
} from './errors.ts';
export { noiseWithin } from './evaluation-noise.ts';
export { type Attack, attackNames, getAttack } from './get-attack.ts';
export { getLoss, klDivergence, type LossName } from './image-loss.ts';
export { enterLoss, inputGradient, type Logits } from './input-gradient.ts';
export { type GateName, type GateResult, type MaskingMeasurements, maskingGates } from './masking-gates.ts';
export { fillL2Noise, fillNormalNoise } from './normal-noise.ts';
export { pgdLosses } from './pgd-losses.ts';
export type { AttackProgress, AttackResult, AttackRun, StageResult } from './run-stages.ts';
export { fillUniformNoise } from './uniform-noise.ts';
export {
  type ModelFlags,
  type VersionFlags,
  type VersionGate,
  type VersionWarning,
  versionFlags,
  versionGates,
} from './version-flags.ts';
