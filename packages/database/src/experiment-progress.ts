// How far an experiment is: counts, what runs now, and what an estimate of the rest is made from.
import type { Condition, DeviceClass } from '@reseed/experiment';
import { withFinding } from './masking-gate.ts';
import type { Database } from './open-database.ts';
import type { Experiment } from './experiment.ts';
import type { RunCounts } from './run-counts.ts';
import { countLiveWorkers } from './worker.ts';

export interface RunningRun {
  readonly runId: string;
  readonly attempt: number;
  readonly seed: number;
  readonly levels: Readonly<Record<string, unknown>>;
  /** latest epoch reported, null before the first */
  readonly epoch: number | null;
  /** epochs of the whole run */
  readonly epochs: number;
  readonly robustSoFar: number | null;
  readonly startedAt: Date | null;
  readonly workerId: string | null;
}

export interface ExperimentProgress {
  readonly counts: RunCounts;
  readonly running: readonly RunningRun[];
  /** runs that ended before their last epoch, and runs in which a gate failed */
  readonly stopped: number;
  readonly gatesFailed: number;
  /** mean duration of the succeeded runs, null before the first */
  readonly averageSeconds: number | null;
  /** of all experiments together: workers are shared */
  readonly liveWorkers: Readonly<Record<DeviceClass, number>>;
}

/**
 * A few small reads at the same time; counts, which were read with the experiment, and `running` may differ by what
 * happened in between.
 */
export async function experimentProgress(
  database: Database,
  { id: experimentId, counts }: Pick<Experiment, 'id' | 'counts'>,
): Promise<ExperimentProgress> {
  const { run } = database.client;
  const [running, finished, gatesFailed, liveWorkers] = await Promise.all([
    run.findMany({
      where: { experimentId, state: 'running' },
      orderBy: { position: 'asc' },
      include: { condition: { select: { levels: true, spec: true } } },
    }),
    run.aggregate({ where: { experimentId, state: 'succeeded' }, _avg: { seconds: true }, _count: { stopped: true } }),
    run.count({ where: { experimentId, ...withFinding('failed') } }),
    countLiveWorkers(database),
  ]);
  return {
    counts,
    running: running.map((row) => ({
      runId: row.id,
      attempt: row.attempt,
      seed: Number(row.seed),
      levels: row.condition.levels as Record<string, unknown>,
      epoch: row.epoch,
      epochs: (row.condition.spec as unknown as Condition).epochs,
      robustSoFar: row.robustSoFar,
      startedAt: row.startedAt,
      workerId: row.workerId,
    })),
    stopped: finished._count.stopped,
    gatesFailed,
    averageSeconds: finished._avg.seconds,
    liveWorkers,
  };
}
