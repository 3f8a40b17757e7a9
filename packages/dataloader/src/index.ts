export { type Audit, type AuditOptions, auditRun, type Count } from './audit-run.ts';
export { type Batch, PARENT_PROCESS } from './batches.ts';
export { createLoader, type LoadedBatch, type Loader } from './create-loader.ts';
export { describeAudit } from './describe-audit.ts';
export {
  GeneratorSeedUnusedError,
  LoaderRangeError,
  NoFullBatchError,
  WorkersNotAllowedError,
} from './errors.ts';
export type { DrawProgram, LoaderOptions, LoaderSpec } from './loader-options.ts';
