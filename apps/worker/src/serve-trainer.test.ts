// The trainer's side of the protocol in a process of its own: one run at a time, and it leaves with its parent.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { FromTrainer, ToTrainer } from './trainer-protocol.ts';

const folder = mkdtempSync(join(tmpdir(), 'reseed-serve-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Reports, then waits until it is aborted when the seed is 1, fails when it is 2, answers when it is 3. */
const script = `
  import { setTimeout as pause } from 'node:timers/promises';
  import { serveTrainer } from ${JSON.stringify(new URL('./serve-trainer.ts', import.meta.url).href)};
  await serveTrainer(async () => {
    if (process.argv[2] === 'refuses') throw new Error('no such device');
    return {
      backend: { name: 'script', versions: {} },
      async run(spec, events, signal) {
        events.audit({ seed: spec.seed });
        events.epoch({ epoch: 0 });
        if (spec.seed === 1) await pause(600_000, undefined, { signal });
        if (spec.seed === 2) throw new Error('no memory');
        return { weightHash: 'hash' };
      },
      classify: (error) => ({ kind: 'out_of_memory', message: error.message }),
    };
  });
`;
const module = join(folder, 'serving.mjs');
writeFileSync(module, script);

const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

/** A child that serves, with everything it has said. */
function serve(mode: 'serves' | 'refuses') {
  const child = fork(module, [mode], {
    serialization: 'advanced',
    execArgv: [`--import=${import.meta.resolve('tsx')}`],
  });
  children.push(child);
  const said: FromTrainer[] = [];
  child.on('message', (message: FromTrainer) => said.push(message));
  const exited = once(child, 'exit');
  return {
    child,
    said,
    exited,
    tell: (message: ToTrainer) => child.send(message),
    hears: (...types: FromTrainer['type'][]) =>
      expect.poll(() => said.map(({ type }) => type), { timeout: 20_000 }).toEqual(types),
  };
}
const id = { runId: 'run', attempt: 1 };
const run = (seed: number, attempt = 1) =>
  ({ type: 'run', id: { ...id, attempt }, spec: { seed } }) as unknown as ToTrainer;

describe('serveTrainer', () => {
  it('says what it computes on, then reports and answers run after run', async () => {
    const { said, hears, tell } = serve('serves');
    await hears('ready');
    expect(said[0]).toMatchObject({ backend: { name: 'script' } });
    tell(run(3));
    await hears('ready', 'audit', 'epoch', 'result');
    expect(said.slice(1)).toEqual([
      { type: 'audit', id, audit: { seed: 3 } },
      { type: 'epoch', id, metrics: { epoch: 0 } },
      { type: 'result', id, result: { weightHash: 'hash' } },
    ]);
    tell(run(2, 2));
    await hears('ready', 'audit', 'epoch', 'result', 'audit', 'epoch', 'failure');
    expect(said.at(-1)).toEqual({
      type: 'failure',
      id: { ...id, attempt: 2 },
      failure: { kind: 'out_of_memory', message: 'no memory' },
    });
  });

  it('aborts the attempt that is meant, and only that one', async () => {
    const { said, hears, tell } = serve('serves');
    await hears('ready');
    tell(run(1, 2));
    tell({ type: 'abort', id });
    tell({ type: 'abort', id: { runId: 'another', attempt: 2 } });
    await hears('ready', 'audit', 'epoch');
    await pause(200);
    expect(said).toHaveLength(3);
    tell({ type: 'abort', id: { ...id, attempt: 2 } });
    await hears('ready', 'audit', 'epoch', 'aborted');
    tell(run(3, 3));
    await hears('ready', 'audit', 'epoch', 'aborted', 'audit', 'epoch', 'result');
  });

  it('says why it cannot start, and ends', async () => {
    const { said, exited } = serve('refuses');
    expect(await exited).toEqual([0, null]);
    expect(said).toEqual([{ type: 'unavailable', message: 'no such device' }]);
  });

  it('stays when a signal reaches its whole process group, and leaves when its parent is gone', async () => {
    const { child, hears, tell, exited } = serve('serves');
    await hears('ready');
    tell(run(1));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) child.kill(signal);
    await hears('ready', 'audit', 'epoch');
    await pause(200);
    expect(child.exitCode ?? child.signalCode).toBeNull();
    child.disconnect();
    expect(await exited).toEqual([0, null]);
  });
});
