// Failures as data: every way a run can end without a result, and what follows from it. Classified once, where it is seen.

/** retry: another attempt may succeed; fail: it would fail again; handBack: nobody's fault, not counted as a try. */
export type FailureAction = 'retry' | 'fail' | 'handBack';

export const FAILURE_KINDS = {
  worker_lost: { action: 'handBack', meaning: 'The worker stopped renewing its lease.' },
  handed_back: { action: 'handBack', meaning: 'The worker was asked to stop and gave the run back.' },
  trainer_crashed: { action: 'retry', meaning: 'The trainer process ended while it held the run.' },
  out_of_memory: { action: 'retry', meaning: 'The device or the host had no memory left.' },
  internal_error: { action: 'retry', meaning: 'An unexpected error in the trainer.' },
  dataset_unavailable: { action: 'fail', meaning: 'The dataset is missing or its checksum is wrong on this worker.' },
  diverged: {
    action: 'fail',
    meaning: 'The loss or a weight stopped being a finite number. An outcome of the run, not a missing value.',
  },
  invalid_spec: { action: 'fail', meaning: 'The spec cannot be trained.' },
} as const satisfies Record<string, { action: FailureAction; meaning: string }>;

export type FailureKind = keyof typeof FAILURE_KINDS;

export interface Failure {
  readonly kind: FailureKind;
  readonly message: string;
  readonly stack?: string;
}

/** Attempts that ended in a retryable error before a run is given up. Lost and handed-back attempts are not counted. */
export const MAX_FAILED_ATTEMPTS = 3;
