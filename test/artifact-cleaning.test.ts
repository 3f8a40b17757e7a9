// What stays among the artifacts when a worker has recorded a result, and what the next worker removes after one that was killed.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startReconciler } from '@reseed/api';
import { openArtifacts } from '@reseed/artifacts';
import { createLogger } from '@reseed/config';
import { acceptResult, readRun, recordFailure } from '@reseed/database';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { ownApi } from './services/own-api.ts';
import { ownRedis } from './services/own-services.ts';
import { holdRun, sampleFailure, sampleResult, storeSample, storeWorker } from './services/sample-experiment.ts';
import { workerProcesses } from './services/worker-processes.ts';

const { database, queues } = await ownApi();
const redisUrl = await ownRedis();
const reconciler = startReconciler({ database, queues, logger: createLogger({ name: 'test', level: 'silent' }) });
afterAll(() => reconciler.stop());
const workers = workerProcesses({ databaseUrl: database.url, redisUrl });
const sampleWorker = await storeWorker(database);

let folder: string;
const top = mkdtempSync(join(tmpdir(), 'reseed-cleaning-test-'));
afterAll(() => rmSync(top, { recursive: true }));
beforeEach(() => void (folder = mkdtempSync(join(top, 'artifacts-'))));

const identity = { runKey: 'ab', specVersion: 1, backendClass: 'sample', codeVersion: 'sample' };
/** Weights of these attempts and a checkpoint. */
async function fill(runId: string, ...attempts: number[]): Promise<void> {
  const artifacts = openArtifacts(folder);
  for (const attempt of attempts) await artifacts.writeWeights({ runId, attempt }, 'final', Uint8Array.of(attempt));
  await artifacts.checkpoints(runId, { identity }).keep({ epoch: 0, body: new Uint8Array(10) });
}
const partsOf = (runId: string) => {
  const own = join(folder, 'runs', runId);
  return existsSync(own) ? readdirSync(own).sort() : [];
};

describe('artifacts', () => {
  it('of an attempt whose result is recorded stay, and nothing else of the run', async () => {
    const [runId] = (await storeSample(database)).runIds;
    await fill(runId, 1, 2, 3);
    await workers.start({ artifacts: folder });
    reconciler.kick();
    await expect.poll(async () => (await readRun(database, runId))?.state, { timeout: 30_000 }).toBe('succeeded');
    await expect.poll(() => partsOf(runId), { timeout: 10_000 }).toEqual(['1']);
  });

  it('that a killed worker left behind are removed by the next one, those that may be needed are not', async () => {
    const accepted = await holdRun(database, sampleWorker, { attempt: 2 });
    await acceptResult(database, { ...accepted, result: sampleResult() });
    const running = await holdRun(database, sampleWorker);
    const failed = await holdRun(database, sampleWorker);
    const failedLongAgo = await holdRun(database, sampleWorker);
    for (const { runId, attempt } of [failed, failedLongAgo])
      await recordFailure(database, { runId, attempt, failure: sampleFailure('diverged') });
    await database.client.run.update({
      where: { id: failedLongAgo.runId },
      data: { finishedAt: new Date(Date.now() - 8 * 24 * 3600 * 1000) },
    });
    const foreign = '01a20bb6-0000-7000-8000-000000000000';
    await fill(accepted.runId, 1, 2);
    for (const { runId } of [running, failed, failedLongAgo]) await fill(runId, 1);
    await fill(foreign, 1);
    await workers.start({ artifacts: folder });
    await expect.poll(() => partsOf(accepted.runId), { timeout: 10_000 }).toEqual(['2']);
    await expect.poll(() => partsOf(failedLongAgo.runId), { timeout: 10_000 }).toEqual(['1']);
    for (const runId of [running.runId, failed.runId, foreign]) expect(partsOf(runId)).toEqual(['1', 'checkpoints']);
  });

  it('in a place that no worker of this version can open keep it from starting, and it says why', async () => {
    await expect(workers.start({ artifacts: 's3://bucket/prefix' })).rejects.toThrow(
      /RESEED_ARTIFACTS is \\"s3:\/\/bucket\/prefix\\" and must be a folder/,
    );
  });
});
