export { auditTrace } from './audit-trace.ts';
export { describeTraceAudit } from './describe-trace-audit.ts';
export { TraceEmptyError, TraceLineError } from './errors.ts';
export type { TraceAudit } from './trace-audit.ts';
