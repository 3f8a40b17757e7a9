export type { Audit, BlockCounts, Count } from './audit.ts';
export { auditRecipes, describeRecipes, type RecipeAudit } from './audit-recipes.ts';
export { type AuditOptions, auditRun } from './audit-run.ts';
export { type Batch, PARENT_PROCESS } from './batches.ts';
export type { Expected } from './closed-form.ts';
export { createLoader, type LoadedBatch, type Loader } from './create-loader.ts';
export { describeAudit } from './describe-audit.ts';
export { type DrawGrid, gridOfLoader } from './draw-grid.ts';
export { drawPicture, type PictureText } from './draw-picture.ts';
export { gridOfTrace } from './recorded-grid.ts';
export {
  BatchRepeatError,
  DrawsNotServedError,
  GeneratorSeedUnusedError,
  LoaderRangeError,
  NoFullBatchError,
  WorkersNotAllowedError,
} from './errors.ts';
export {
  auditTrace,
  describeTraceAudit,
  type TraceAudit,
  TraceEmptyError,
  TraceLineError,
} from './recorded-trace/index.ts';
export { describeSeedCollisions, type SeedCollisions, seedCollisions } from './seed-collisions.ts';
export { type Trace, TRACE_MODES, type TraceMode, type TraceOptions, traceLoader } from './trace-loader.ts';
export type { ChoiceDraws, DrawProgram, LoaderMode, LoaderOptions, LoaderSpec } from './loader-options.ts';
