export { buildApi } from './build-api.ts';
export type { ApiContext } from './api-context.ts';
export type { ComparisonRow } from './comparison/comparison-rows.ts';
export { ERROR_CODES } from './errors/error-catalogue.ts';
export { type Reconciler, startReconciler } from './reconciliation/start-reconciler.ts';
export type { AuditView } from './routes/audits.ts';
export type { ExperimentView, SubmitAnswer } from './routes/experiment-schemas.ts';
