export type { Audit, BlockCounts, Count } from './audit.ts';
export { type AuditOptions, auditRun } from './audit-run.ts';
export { type Batch, PARENT_PROCESS } from './batches.ts';
export type { Expected } from './closed-form.ts';
export { createLoader, type LoadedBatch, type Loader } from './create-loader.ts';
export { describeAudit } from './describe-audit.ts';
export {
  BatchRepeatError,
  DrawsNotServedError,
  GeneratorSeedUnusedError,
  LoaderRangeError,
  NoFullBatchError,
  WorkersNotAllowedError,
} from './errors.ts';
export { describeSeedCollisions, type SeedCollisions, seedCollisions } from './seed-collisions.ts';
export { type Trace, TRACE_MODES, type TraceMode, type TraceOptions, traceLoader } from './trace-loader.ts';
export type { ChoiceDraws, DrawProgram, LoaderMode, LoaderOptions, LoaderSpec } from './loader-options.ts';
