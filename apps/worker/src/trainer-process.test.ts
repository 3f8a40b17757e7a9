// The worker's side of the protocol against real child processes that keep it, break it, die, or do not listen.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunSpec, resolveCondition, SPEC_VERSION } from '@reseed/experiment';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type TrainerEvents, TrainerProcess, TrainerUnavailableError } from './trainer-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'reseed-trainer-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a child does is told by the seed of the run that it is given. */
const SEEDS = { result: 1, crash: 2, deaf: 3, waits: 4, oldAnswers: 5 } as const;
const script = `
  const backend = { name: 'script', device: 'none', deviceClass: 'cpu', threads: 1, backendClass: 'script', versions: {} };
  const result = (weightHash) => ({ weightHash, backend });
  const [mode] = process.argv.slice(2);
  process.on('disconnect', () => process.exit(0));
  if (mode === 'exits') process.exit(3);
  if (mode === 'refuses') {
    process.send({ type: 'unavailable', message: 'there is no such device' });
    process.disconnect();
  } else process.send({ type: 'ready', backend: { ...backend, versions: { pid: String(process.pid) } } });
  process.on('message', ({ type, id, spec }) => {
    if (type === 'abort') return process.send({ type: 'aborted', id });
    switch (spec.seed) {
      case ${SEEDS.result}:
        process.send({ type: 'audit', id, audit: { counted: 7 } });
        process.send({ type: 'epoch', id, metrics: { epoch: 0, trainLoss: Infinity } });
        process.send({ type: 'result', id, result: result('of this run') });
        break;
      case ${SEEDS.crash}:
        process.kill(process.pid, 'SIGKILL');
        break;
      case ${SEEDS.deaf}:
        process.send({ type: 'audit', id, audit: {} });
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
        break;
      case ${SEEDS.oldAnswers}:
        process.send({ type: 'epoch', id: { ...id, attempt: id.attempt - 1 }, metrics: { epoch: 99 } });
        process.send({ type: 'result', id: { ...id, attempt: id.attempt - 1 }, result: result('of another attempt') });
        process.send({ type: 'result', id: { ...id, runId: 'another' }, result: result('of another run') });
        process.send({ type: 'result', id, result: result('of this attempt') });
    }
  });
`;
const modulePath = join(folder, 'trainer.mjs');
writeFileSync(modulePath, script);

const started: TrainerProcess[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((trainer) => trainer.stop()));
});
function trainerThat(mode: 'serves' | 'exits' | 'refuses', module = modulePath): TrainerProcess {
  const trainer = new TrainerProcess({ modulePath: module, arguments: [mode] });
  started.push(trainer);
  return trainer;
}

const { condition } = resolveCondition({});
const specFor = (does: keyof typeof SEEDS): RunSpec => ({
  specVersion: SPEC_VERSION,
  condition,
  seed: SEEDS[does],
});
const id = { runId: 'run', attempt: 2 };
const silence: TrainerEvents = { audit: () => {}, epoch: () => {} };
const never = new AbortController().signal;
/** Which process answers: the script puts its id into its versions. */
const pidOf = async (trainer: TrainerProcess) => Number((await trainer.start()).versions['pid']);
const isGone = (pid: number) => () => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

describe('TrainerProcess', () => {
  it('starts its child once, passes on what it reports and settles with its result', async () => {
    const trainer = trainerThat('serves');
    const [backend, again] = await Promise.all([trainer.start(), trainer.start()]);
    expect(backend).toMatchObject({ name: 'script', deviceClass: 'cpu' });
    expect(again).toBe(backend);
    const reports: unknown[] = [];
    const events = { audit: (audit: object) => reports.push(audit), epoch: (metrics: object) => reports.push(metrics) };
    const outcome = await trainer.run(id, specFor('result'), events, never);
    expect(outcome).toMatchObject({ kind: 'result', result: { weightHash: 'of this run' } });
    // A loss that is not finite crosses the process border as it is.
    expect(reports).toEqual([{ counted: 7 }, { epoch: 0, trainLoss: Infinity }]);
  });

  it('ignores answers about other runs and older attempts', async () => {
    const epochs: unknown[] = [];
    const events = { ...silence, epoch: (metrics: object) => epochs.push(metrics) };
    const outcome = await trainerThat('serves').run(id, specFor('oldAnswers'), events, never);
    expect(outcome).toMatchObject({ kind: 'result', result: { weightHash: 'of this attempt' } });
    expect(epochs).toEqual([]);
  });

  it('settles as trainer_crashed when the child dies, and trains the next run in a new child', async () => {
    const trainer = trainerThat('serves');
    const first = await pidOf(trainer);
    const outcome = await trainer.run(id, specFor('crash'), silence, never);
    expect(outcome).toMatchObject({ kind: 'failure', failure: { kind: 'trainer_crashed' } });
    expect(JSON.stringify(outcome)).toContain('SIGKILL');
    expect(await trainer.run(id, specFor('result'), silence, never)).toMatchObject({ kind: 'result' });
    expect(await pidOf(trainer)).not.toBe(first);
  });

  it('settles as aborted when the child notices an abort, and keeps the child', async () => {
    const trainer = trainerThat('serves');
    const first = await pidOf(trainer);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    expect(await trainer.run(id, specFor('waits'), silence, controller.signal)).toEqual({ kind: 'aborted' });
    expect(await pidOf(trainer)).toBe(first);
  });

  it('kills a child that does not notice an abort, which is no crash, and trains the next run in a new one', async () => {
    const trainer = trainerThat('serves');
    const first = await pidOf(trainer);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    const asked = performance.now();
    expect(await trainer.run(id, specFor('deaf'), silence, controller.signal)).toEqual({ kind: 'aborted' });
    expect(performance.now() - asked).toBeGreaterThan(1900);
    expect(isGone(first)()).toBe(true);
    expect(await trainer.run(id, specFor('result'), silence, never)).toMatchObject({ kind: 'result' });
  });

  it('does not hand over a run that was aborted before', async () => {
    expect(await trainerThat('serves').run(id, specFor('deaf'), silence, AbortSignal.abort())).toEqual({
      kind: 'aborted',
    });
  });

  it.each([
    ['says so', 'refuses', modulePath, 'there is no such device'],
    ['ends', 'exits', modulePath, 'it ended with exit code 3'],
    ['is not there', 'serves', join(folder, 'nothing.mjs'), 'it ended with exit code 1'],
  ] as const)('throws TrainerUnavailableError when the child %s', async (_, mode, module, reason) => {
    const error = await trainerThat(mode, module)
      .run(id, specFor('result'), silence, never)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TrainerUnavailableError);
    expect(error).toMatchObject({ reason, message: `the trainer cannot start: ${reason}` });
  });

  it('tries to start again after a start that failed', async () => {
    const module = join(folder, 'late.mjs');
    const trainer = trainerThat('serves', module);
    await expect(trainer.start()).rejects.toThrow(TrainerUnavailableError);
    writeFileSync(module, script);
    expect(await trainer.start()).toMatchObject({ name: 'script' });
  });

  it('stop ends the child, also one that does not listen; a second stop has nothing to do', async () => {
    const polite = trainerThat('serves');
    const deaf = trainerThat('serves');
    const pids = [await pidOf(polite), await pidOf(deaf)];
    await new Promise<void>((resolve) => {
      void deaf.run(id, specFor('deaf'), { ...silence, audit: () => resolve() }, never);
    });
    await Promise.all([polite.stop(), deaf.stop()]);
    expect(pids.map((pid) => isGone(pid)())).toEqual([true, true]);
    await polite.stop();
    await trainerThat('serves').stop();
  });
});
