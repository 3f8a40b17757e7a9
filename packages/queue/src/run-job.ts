// The job of one run: which queue holds it, its id, and its place among the others.
import type { DeviceClass } from '@reseed/experiment';

/** A run that is to be queued. The job itself carries the run id and nothing else. */
export interface RunJob {
  readonly runId: string;
  /** the attempt to come, 1 for the first: with the run id it makes the job id, so a retry is never taken for a repeat */
  readonly attempt: number;
  readonly deviceClass: DeviceClass;
  /** −1000…1000, larger first */
  readonly priority: number;
}

export interface RunJobData {
  readonly runId: string;
}

export const JOB_NAME = 'run';

/** The queue of a device class; workers of that class take from it. */
export const queueName = (deviceClass: DeviceClass): string => `reseed-${deviceClass}`;

export const jobId = ({ runId, attempt }: Pick<RunJob, 'runId' | 'attempt'>): string => `${runId}-${attempt}`;

/** A job id that no `jobId` made. */
export class JobIdError extends Error {
  override readonly name = 'JobIdError';
  readonly jobId: string;

  constructor(id: string) {
    super(`"${id}" is no job of a run; job ids are <run id>-<attempt>.`);
    this.jobId = id;
  }
}

/** @throws JobIdError */
export function parseJobId(id: string): Pick<RunJob, 'runId' | 'attempt'> {
  const match = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(\d+)$/.exec(id);
  if (match === null) throw new JobIdError(id);
  return { runId: match[1], attempt: Number(match[2]) };
}

const LARGEST_PRIORITY = 1000;

/**
 * BullMQ serves 1 first, and a job without a priority before all others, so every job has one. Equal ones are served in
 * the order in which they were added.
 */
export const bullPriority = (priority: number): number => 1 + LARGEST_PRIORITY - priority;
