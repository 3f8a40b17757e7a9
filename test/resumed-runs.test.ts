// Runs that are killed and go on from their checkpoints have the bits of runs that were left alone: by hand and by workers.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startReconciler } from '@reseed/api';
import { createLogger } from '@reseed/config';
import { insertExperiment, readAttempts, readEpochs, readRun } from '@reseed/database';
import type { Condition } from '@reseed/experiment';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownApi } from './services/own-api.ts';
import { ownRedis } from './services/own-services.ts';
import { root } from './services/private-home.ts';
import { reseed } from './services/reseed-command.ts';
import { sampleExperiment } from './services/sample-experiment.ts';
import { workerProcesses } from './services/worker-processes.ts';

const EPOCHS = 8;
const given = {
  dataset: { name: 'mnist', trainSize: 600, validationSize: 60, testSize: 60 },
  epochs: EPOCHS,
  batchSize: 20,
  attack: { steps: 3 },
  evaluation: { steps: 2, every: 1 },
  augmentation: { name: 'pad_crop', pad: 1 },
  averaging: { decay: 0.9 },
  seed: 7,
};
const { database, queues } = await ownApi();
const redisUrl = await ownRedis();
const reconciler = startReconciler({ database, queues, logger: createLogger({ name: 'test', level: 'silent' }) });
afterAll(() => reconciler.stop());
const workers = workerProcesses({ databaseUrl: database.url, redisUrl });

const folder = mkdtempSync(join(tmpdir(), 'reseed-resume-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const specFile = join(folder, 'spec.json');
const env = { RESEED_HOME: join(folder, 'home') };
const train = (out: string, ...flags: string[]) => [
  'train',
  ...['--spec', specFile, '--out', join(folder, out), '--device', 'cpu', '--json'],
  ...flags,
];
type Rows = readonly Readonly<Record<string, unknown>>[];
interface Result extends Readonly<Record<string, unknown>> {
  readonly epochs: Rows;
  readonly evaluations: Rows;
}
/** Everything but times. */
const bitsOf = (text: string): Result => {
  const { seconds: _, imagePassesPerSecond: __, epochs, evaluations, ...rest } = JSON.parse(text) as Result;
  const timeless = (rows: Rows) => rows.map(({ seconds: ___, ...row }) => row);
  return { ...rest, epochs: timeless(epochs), evaluations: timeless(evaluations) };
};
const checkpointsIn = (place: string): string[] => {
  try {
    return readdirSync(place).filter((name) => name.endsWith('.checkpoint'));
  } catch {
    return [];
  }
};
const holds = (place: string, epoch: number) =>
  expect
    .poll(() => checkpointsIn(place).some((name) => Number(name.slice(6, 12)) >= epoch), {
      timeout: 60_000,
      interval: 5,
    })
    .toBe(true);

let undisturbed: Result;
beforeAll(async () => {
  writeFileSync(specFile, JSON.stringify(given));
  const finished = await reseed(train('undisturbed'), { env });
  expect(finished.code).toBe(0);
  undisturbed = bitsOf(finished.stdout);
});

describe('reseed train --checkpoints', () => {
  it.each([
    ['SIGKILL', 'killed'],
    ['SIGINT', 'interrupted'],
  ] as const)('goes on after %s and gives the same result', async (signal, name) => {
    const place = join(folder, name);
    const command = train(name, '--checkpoints', place);
    const child = spawn(process.execPath, [join(root, 'apps/cli/bin/reseed.mjs'), ...command], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (part: Buffer) => (said += String(part)));
    await holds(place, 1);
    child.kill(signal);
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code).toBe(signal === 'SIGINT' ? 1 : null);
    if (signal === 'SIGINT') expect(said).toMatch(/interrupted: the same command goes on after epoch \d, from its/);
    const resumed = await reseed(command, { env });
    expect(resumed.code).toBe(0);
    const [, after] = /^resumed after epoch (\d)\/8$/m.exec(resumed.stderr) ?? [];
    expect(Number(after)).toBeGreaterThanOrEqual(2);
    expect(resumed.stderr).not.toContain(`epoch ${after}/8: loss`);
    expect(bitsOf(resumed.stdout)).toEqual(undisturbed);
    for (const file of ['weights', 'weights-best', 'weights-wa', 'weights-best-wa'])
      expect(readFileSync(join(folder, name, `${file}.safetensors`))).toEqual(
        readFileSync(join(folder, 'undisturbed', `${file}.safetensors`)),
      );
  });
});

describe('a worker whose trainer is killed', () => {
  it('goes on after the last checkpoint, with the same bits and no gap in the curve', async () => {
    const sample = sampleExperiment();
    const { seed } = given;
    const runKey = String(undisturbed['runKey']);
    const conditions = [{ ...sample.conditions[0], spec: undisturbed['condition'] as Condition }];
    await insertExperiment(database, { ...sample, conditions, runs: [{ ...sample.runs[0], seed, runKey }] });
    const runId = sample.runs[0].id;
    const artifacts = join(folder, 'artifacts');
    const trainer = { module: join(root, 'apps/worker/dist/trainer-main.js'), argument: `--artifacts=${artifacts}` };
    const worker = await workers.start({ trainer, artifacts });
    reconciler.kick();
    await holds(join(artifacts, 'runs', runId, 'checkpoints'), 1);
    process.kill(worker.trainerPid(), 'SIGKILL');
    await expect.poll(async () => (await readRun(database, runId))?.state, { timeout: 90_000 }).toBe('succeeded');
    expect((await readAttempts(database, runId)).map(({ outcome }) => outcome)).toEqual([
      'trainer_crashed',
      'succeeded',
    ]);
    expect(worker.said()).toContain('resumed after this epoch');
    const run = await readRun(database, runId);
    expect([run?.weightHash, run?.weightHashWa]).toEqual([undisturbed['weightHash'], undisturbed['weightHashWa']]);
    const epochs = await readEpochs(database, runId);
    expect(epochs.map(({ seconds: _, ...metrics }) => metrics)).toEqual(undisturbed.epochs);
    await expect.poll(() => readdirSync(join(artifacts, 'runs', runId))).toEqual(['2']);
  });
});
