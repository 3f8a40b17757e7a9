export { consumeRuns, type Handled, type RunConsumer } from './consume-runs.ts';
export { openQueues, type QueueCounts, type Queues } from './open-queues.ts';
export { JobIdError, type RunJob } from './run-job.ts';
