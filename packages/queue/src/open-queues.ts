// The producer's side: puts runs into the queue of their device class and finds those that the queue has lost.
import type { Logger } from '@reseed/config';
import { DEVICE_CLASSES, type DeviceClass } from '@reseed/experiment';
import { type JobType, Queue } from 'bullmq';
import { connectRedis } from './redis-connection.ts';
import { bullPriority, JOB_NAME, jobId, queueName, type RunJob, type RunJobData } from './run-job.ts';

/** Jobs in one command: large enough to be fast, small enough to leave Redis free for workers. */
const CHUNK = 1000;
/** Finished jobs that stay for the dashboard. */
const KEPT_JOBS = 1000;
/** The states in which a job will still be handed to a worker, or is with one. */
const LIVE: JobType[] = ['wait', 'prioritized', 'active', 'delayed'];

export interface QueueCounts {
  readonly name: string;
  readonly deviceClass: DeviceClass;
  readonly counts: Readonly<Record<string, number>>;
}

export interface Queues {
  /** One per device class: for the dashboard, which shows BullMQ's own objects. */
  readonly queues: readonly Queue[];
  /** Adds the jobs of these runs; a run whose job is already there is left as it is. */
  enqueue(runs: readonly RunJob[]): Promise<void>;
  /** Adds the jobs of these runs anew: a finished job of the same id would make BullMQ ignore an add. */
  enqueueAgain(runs: readonly RunJob[]): Promise<void>;
  /** Those of these runs whose job no worker has or will get. */
  findLost<R extends RunJob>(runs: readonly R[]): Promise<R[]>;
  /** Jobs per state and queue. */
  counts(): Promise<readonly QueueCounts[]>;
  /** @throws when Redis does not answer */
  ping(): Promise<void>;
  close(): Promise<void>;
}

function* chunks<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let first = 0; first < items.length; first += CHUNK) yield items.slice(first, first + CHUNK);
}

export function openQueues(options: { readonly redisUrl: string; readonly logger: Logger }): Queues {
  const { logger } = options;
  const redis = connectRedis({ url: options.redisUrl, logger, patience: 'impatient' });
  const queues = new Map(
    DEVICE_CLASSES.map((deviceClass) => {
      const queue = new Queue<RunJobData>(queueName(deviceClass), {
        connection: redis,
        skipWaitingForReady: true,
        // A check that fails because Redis is not there yet would never be made again, and every command fail with it.
        skipVersionCheck: true,
        defaultJobOptions: {
          attempts: 1,
          removeOnComplete: { count: KEPT_JOBS },
          removeOnFail: { count: KEPT_JOBS },
        },
      });
      // The connection reports its own errors; without a listener BullMQ would print them a second time.
      queue.on('error', () => {});
      return [deviceClass, queue] as const;
    }),
  );
  const queueOf = (deviceClass: DeviceClass): Queue<RunJobData> => queues.get(deviceClass) as Queue<RunJobData>;

  const perQueue = async (
    runs: readonly RunJob[],
    work: (queue: Queue<RunJobData>, part: readonly RunJob[]) => Promise<unknown>,
  ) => {
    for (const deviceClass of DEVICE_CLASSES) {
      const own = runs.filter((run) => run.deviceClass === deviceClass);
      for (const part of chunks(own)) await work(queueOf(deviceClass), part);
    }
  };
  const add = (queue: Queue<RunJobData>, part: readonly RunJob[]) =>
    queue.addBulk(
      part.map((run) => ({
        name: JOB_NAME,
        data: { runId: run.runId },
        opts: { jobId: jobId(run), priority: bullPriority(run.priority) },
      })),
    );

  return {
    queues: [...queues.values()],
    enqueue: (runs) => perQueue(runs, add),
    enqueueAgain: (runs) =>
      perQueue(runs, async (queue, part) => {
        await Promise.all(part.map((run) => queue.remove(jobId(run))));
        await add(queue, part);
      }),
    async findLost(runs) {
      const classes = DEVICE_CLASSES.filter((deviceClass) => runs.some((run) => run.deviceClass === deviceClass));
      const live = new Set((await Promise.all(classes.map((one) => queueOf(one).getRanges(LIVE, 0, -1)))).flat());
      return runs.filter((run) => !live.has(jobId(run)));
    },
    counts: () =>
      Promise.all(
        DEVICE_CLASSES.map(async (deviceClass) => {
          const queue = queueOf(deviceClass);
          return { name: queue.name, deviceClass, counts: await queue.getJobCounts() };
        }),
      ),
    async ping() {
      await redis.ping();
    },
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      // A line that is down has nothing to say goodbye to, and one may go down while it is said.
      if (redis.status === 'ready') await redis.quit().catch(() => {});
      else redis.disconnect();
    },
  };
}
