// Removes what crashes have left among the artifacts: everything of a run but the weights of its accepted attempt.
import type { Artifacts } from '@reseed/artifacts';
import { type Database, readRun } from '@reseed/database';

/** A run that failed or was cancelled may be tried again, and then goes on from its checkpoints; for so long. */
const KEEP_MILLISECONDS = 7 * 24 * 3600 * 1000;

export async function cleanArtifacts(options: {
  readonly artifacts: Artifacts;
  readonly database: Database;
}): Promise<void> {
  const { artifacts, database } = options;
  for await (const runId of artifacts.unsettledRuns()) {
    const run = await readRun(database, runId);
    // One of another database, which shares the folder.
    if (run === undefined) continue;
    const { state, attempt, finishedAt } = run;
    switch (state) {
      case 'succeeded':
        await artifacts.keepOnly({ runId, attempt });
        break;
      case 'failed':
      case 'cancelled':
        if (finishedAt !== null && Date.now() - finishedAt.getTime() > KEEP_MILLISECONDS)
          await artifacts.removeCheckpoints(runId);
        break;
      case 'queued':
      case 'running':
        break;
    }
  }
}
