// Runs as they are read: condition × seed with its state, progress and result.
import type {
  BackendDescription,
  Condition,
  DeviceClass,
  EarlyStop,
  Failure,
  Metrics,
  RunState,
} from '@reseed/experiment';
import type { Run as RunRow } from './generated/client.ts';
import { type GateFinding, withFinding } from './masking-gate.ts';
import type { Database } from './open-database.ts';

export interface Run {
  readonly id: string;
  readonly experimentId: string;
  readonly conditionId: string;
  readonly levels: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly position: number;
  readonly runKey: string;
  readonly deviceClass: DeviceClass;
  readonly priority: number;
  readonly state: RunState;
  /** attempts claimed so far */
  readonly attempt: number;
  /** attempts that ended in a retryable error */
  readonly failedAttempts: number;
  readonly workerId: string | null;
  /** of the latest attempt */
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** latest epoch reported by the latest attempt, 0-based as the trainer counts */
  readonly epoch: number | null;
  readonly robustSoFar: number | null;
  readonly audit: unknown;
  /** the result; all null until the run has succeeded */
  readonly weightHash: string | null;
  /** of the averaged weights; null too where weights are not averaged */
  readonly weightHashWa: string | null;
  readonly metrics: Metrics | null;
  readonly bestEpoch: number | null;
  readonly bestEpochWa: number | null;
  readonly backend: BackendDescription | null;
  readonly seconds: number | null;
  readonly imagePassesPerSecond: number | null;
  /** why it ended before its last epoch; null too where every epoch was trained */
  readonly stopped: EarlyStop | null;
  /** how many signs of masked gradients were found; null too where none was looked for */
  readonly gatesFailed: number | null;
  /** why it failed; null unless it has */
  readonly failure: Failure | null;
}

export interface RunWithCondition extends Run {
  readonly condition: Condition;
  /** as the condition stores them */
  readonly seedCollisions: unknown;
}

const toRun = (row: RunRow & { readonly condition: { readonly levels: unknown } }): Run => ({
  id: row.id,
  experimentId: row.experimentId,
  conditionId: row.conditionId,
  levels: row.condition.levels as Record<string, unknown>,
  seed: Number(row.seed),
  position: row.position,
  runKey: row.runKey,
  deviceClass: row.deviceClass as DeviceClass,
  priority: row.priority,
  state: row.state,
  attempt: row.attempt,
  failedAttempts: row.failedAttempts,
  workerId: row.workerId,
  startedAt: row.startedAt,
  finishedAt: row.finishedAt,
  epoch: row.epoch,
  robustSoFar: row.robustSoFar,
  audit: row.audit,
  weightHash: row.weightHash,
  weightHashWa: row.weightHashWa,
  metrics: row.metrics as Metrics | null,
  bestEpoch: row.bestEpoch,
  bestEpochWa: row.bestEpochWa,
  backend: row.backend as BackendDescription | null,
  seconds: row.seconds,
  imagePassesPerSecond: row.imagePassesPerSecond,
  stopped: row.stopped as EarlyStop | null,
  gatesFailed: row.gatesFailed,
  failure: row.failure as Failure | null,
});

/** One run with the condition it trains, or undefined. */
export async function readRun(database: Database, id: string): Promise<RunWithCondition | undefined> {
  const row = await database.client.run.findUnique({
    where: { id },
    include: { condition: { select: { levels: true, spec: true, seedCollisions: true } } },
  });
  if (row === null) return undefined;
  const { spec, seedCollisions } = row.condition;
  return { ...toRun(row), condition: spec as unknown as Condition, seedCollisions };
}

/**
 * The runs of one experiment in their order (seeds outermost).
 *
 * @param options.state only runs in this state
 * @param options.gates only runs whose gates came to this
 * @param options.cursor the `nextCursor` of the page before: a position
 * @returns at most `limit` runs; `nextCursor` is null on the last page
 */
export async function listRuns(
  database: Database,
  options: {
    readonly experimentId: string;
    readonly state?: RunState;
    readonly gates?: GateFinding;
    readonly limit: number;
    readonly cursor?: number;
  },
): Promise<{ readonly items: readonly Run[]; readonly nextCursor: number | null }> {
  const { experimentId, state, gates, limit, cursor } = options;
  const rows = await database.client.run.findMany({
    where: {
      experimentId,
      ...(state === undefined ? {} : { state }),
      ...(gates === undefined ? {} : withFinding(gates)),
      ...(cursor === undefined ? {} : { position: { gt: cursor } }),
    },
    orderBy: { position: 'asc' },
    take: limit + 1,
    include: { condition: { select: { levels: true } } },
  });
  const items = rows.slice(0, limit).map(toRun);
  return { items, nextCursor: rows.length > limit ? items[items.length - 1].position : null };
}
