// Estimates how long an experiment still takes, from its own runs.
import type { ExperimentProgress } from '@reseed/database';

type Judged = Pick<ExperimentProgress, 'counts' | 'running' | 'averageSeconds' | 'liveWorkers'>;

/** Share of a running run that is done; null before its first epoch. */
const shareDone = ({ epoch, epochs }: Judged['running'][number]): number | null =>
  epoch === null ? null : (epoch + 1) / epochs;

/** Mean length of a run: of the finished ones, else projected from the running ones. */
function runSeconds({ averageSeconds, running }: Judged, now: Date): number | null {
  if (averageSeconds !== null) return averageSeconds;
  const projected = running.flatMap((run) => {
    const share = shareDone(run);
    if (share === null || run.startedAt === null) return [];
    return [(now.getTime() - run.startedAt.getTime()) / 1000 / share];
  });
  return projected.length === 0 ? null : projected.reduce((sum, seconds) => sum + seconds, 0) / projected.length;
}

/**
 * Seconds until the last run ends, with the workers that live now and nobody else's runs in between: work left, in run
 * lengths, over the slots that share it.
 * @returns 0 when all have ended, null without a finished or far enough run, or without a worker
 */
export function estimateRemaining(progress: Judged, now: Date): number | null {
  const { counts, running, liveWorkers } = progress;
  if (counts.queued + counts.running === 0) return 0;
  const seconds = runSeconds(progress, now);
  const slots = Math.min(liveWorkers.cpu + liveWorkers.gpu, counts.queued + counts.running);
  if (seconds === null || slots === 0) return null;
  const left = running.reduce((sum, run) => sum + 1 - (shareDone(run) ?? 0), counts.queued);
  return (left / slots) * seconds;
}
