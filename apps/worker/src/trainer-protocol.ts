// The messages between a worker and its trainer, the child process in which tensors live. A trainer holds one run at a time.
import type { BackendDescription, EpochMetrics, Failure, RunResult, RunSpec } from '@reseed/experiment';

/** Which run and which attempt a message is about; answers to an older attempt are dropped. */
export interface AttemptId {
  readonly runId: string;
  readonly attempt: number;
}

/** The attempt that a trainer is to train, and what its checkpoints are known by. */
export interface HandedAttempt extends AttemptId {
  readonly runKey: string;
}

export type ToTrainer =
  | { readonly type: 'run'; readonly id: AttemptId; readonly spec: RunSpec; readonly runKey: string }
  | { readonly type: 'abort'; readonly id: AttemptId };

export type FromTrainer =
  | { readonly type: 'ready'; readonly backend: BackendDescription }
  /** The trainer cannot start at all, e.g. the asked device is not there. */
  | { readonly type: 'unavailable'; readonly message: string }
  | { readonly type: 'audit'; readonly id: AttemptId; readonly audit: object }
  | { readonly type: 'epoch'; readonly id: AttemptId; readonly metrics: EpochMetrics }
  | { readonly type: 'result'; readonly id: AttemptId; readonly result: RunResult }
  | { readonly type: 'failure'; readonly id: AttemptId; readonly failure: Failure }
  | { readonly type: 'aborted'; readonly id: AttemptId };
