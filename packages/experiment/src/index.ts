export * from './augmentation-parameters.ts';
export { readPath } from './axis.ts';
export * from './dataset-facts.ts';
export {
  EVALUATION_ATTACK_NAMES,
  EVALUATION_ATTACK_SCHEMAS,
  type EvaluationAttackName,
} from './evaluation-attack-schemas.ts';
export { attackOverrides, type EvaluationAttack } from './evaluation-attacks.ts';
export {
  DATASET_NAMES,
  type DatasetBlock,
  type DatasetName,
  datasetTraits,
  type DatasetTraits,
  type ImageIdentity,
} from './dataset-traits.ts';
export * from './failure.ts';
export { AXES, type Condition, resolveCondition, type Scheduling } from './parameters.ts';
export * from './run-result.ts';
export * from './run-spec.ts';
export * from './run-state.ts';
export * from './seeding-mode.ts';
export { catalogue } from './catalogue.ts';
export type { ComparisonPlan } from './comparison-plan.ts';
export { DEFAULT_RUN_LIMIT, expandGrid, type ExpandedCondition, type Expansion } from './expand-grid.ts';
export { describeLevel, describeLevels } from './describe-level.ts';
export { findConflicts } from './find-conflicts.ts';
export { type Grid, gridSchema, parseGrid } from './grid.ts';
export { GridError, type GridIssue, nearestName, unknownName } from './grid-error.ts';
export { trainingPasses } from './training-passes.ts';
export { matchesCondition, matchesValue } from './match-condition.ts';
export { BitCountError, packBits, unpackBits } from './pack-bits.ts';
export { readTemplate, templateNames, UnknownTemplateError } from './study-template.ts';
export { MODEL_FACTS, MODEL_NAMES, type ModelName } from './model-facts.ts';
