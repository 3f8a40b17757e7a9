// The supervisor over real child processes: small scripts that speak as much as a worker does.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@reseed/config';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Gpu } from './list-gpus.ts';
import { superviseWorkers, type SupervisedWorkers } from './supervise-workers.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const gpu = (id: string, index: number): Gpu => ({ index, id, model: 'test', memoryBytes: 2 ** 30 });
const GPUS = [gpu('GPU-a', 0), gpu('GPU-b', 1)];

/** Every child writes a line when it starts and when it is asked to end. */
const PREAMBLE = `import { appendFileSync, readFileSync } from 'node:fs';
  const { CUDA_VISIBLE_DEVICES: gpu, TF_FORCE_GPU_ALLOW_GROWTH: growth } = process.env;
  const tell = (what) => appendFileSync(process.argv[2], [what, gpu, growth, process.pid, ...process.argv.slice(3)].join(' ') + '\\n');
  tell('start');
  const starts = () => readFileSync(process.argv[2], 'utf8').split('\\n').filter((line) => line.startsWith('start ' + gpu)).length;
`;
/** Ready at once, and there until it is asked to end. */
const WORKING = `process.on('SIGTERM', () => { tell('asked'); setTimeout(() => { tell('left'); process.exit(0); }, 20); });
  tell('ready'); process.send({ type: 'ready' }); setInterval(() => {}, 1000);`;

let folder: string;
let workers: SupervisedWorkers | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reseed-supervisor-'));
});
afterEach(async () => {
  await workers?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const told = (): string[][] => {
  const lines = readFileSync(join(folder, 'told'), 'utf8').trim().split('\n');
  return lines.map((line) => line.split(' ')).filter(([what]) => what !== '');
};
const count = (what: string, id: string) => told().filter(([one, of]) => one === what && of === id).length;

function supervise(script: string, options: { readonly killAfterMs?: number; readonly wellAfterMs?: number } = {}) {
  const module = join(folder, 'worker.mjs');
  writeFileSync(module, PREAMBLE + script);
  writeFileSync(join(folder, 'told'), '');
  workers = superviseWorkers({
    gpus: GPUS,
    module,
    arguments: [join(folder, 'told'), '--device', 'gpu'],
    env: { ...process.env, CUDA_VISIBLE_DEVICES: '0,1' },
    logger,
    pauseMs: 10,
    killAfterMs: options.killAfterMs ?? 20_000,
    ...(options.wellAfterMs === undefined ? {} : { wellAfterMs: options.wellAfterMs }),
  });
  return workers;
}

it('gives every GPU a process that sees it alone, and ends all of them in order', async () => {
  const supervised = supervise(WORKING);
  await vi.waitFor(() => expect(told().filter(([what]) => what === 'ready')).toHaveLength(2), { timeout: 20_000 });
  const starts = told().filter(([what]) => what === 'start');
  const known = starts.map(([, id, growth, , ...rest]) => [id, growth, ...rest].join(' '));
  expect(new Set(known)).toEqual(new Set(['GPU-a true --device gpu', 'GPU-b true --device gpu']));
  expect(known).toHaveLength(2);
  await supervised.stop();
  expect(await supervised.ended).toEqual([]);
  for (const { id } of GPUS) expect([count('start', id), count('asked', id), count('left', id)]).toEqual([1, 1, 1]);
});

it('replaces the one that died and leaves the other alone', async () => {
  const supervised = supervise(`if (gpu === 'GPU-a' && starts() < 3) process.kill(process.pid, 'SIGKILL'); ${WORKING}`);
  await vi.waitFor(() => expect([count('start', 'GPU-a'), count('start', 'GPU-b')]).toEqual([3, 1]), {
    timeout: 20_000,
  });
  const pids = told()
    .filter(([what]) => what === 'start')
    .map(([, , , pid]) => pid);
  expect(new Set(pids).size).toBe(4);
  await supervised.stop();
});

it('gives up a GPU on which no worker ever gets ready, and ends when all have ended', async () => {
  const supervised = supervise(`process.exit(gpu === 'GPU-a' ? 1 : 0);`);
  expect(await supervised.ended).toEqual([GPUS[0]]);
  expect([count('start', 'GPU-a'), count('start', 'GPU-b')]).toEqual([5, 1]);
});

it('does not give up one whose workers get ready, however often they die', async () => {
  const crash = `process.send({ type: 'ready' }, () => setTimeout(() => process.exit(1), 5));`;
  const supervised = supervise(`if (gpu === 'GPU-b') process.exit(0); if (starts() > 7) process.exit(0); ${crash}`, {
    wellAfterMs: 0,
  });
  expect(await supervised.ended).toEqual([]);
  expect(count('start', 'GPU-a')).toBe(8);
});

it('does not wait for the end of a pause when it is stopped, and kills what does not listen', async () => {
  const deaf = `process.on('SIGTERM', () => tell('asked')); tell('deaf'); setInterval(() => {}, 1000);`;
  const supervised = supervise(`if (gpu === 'GPU-b') process.exit(1); ${deaf}`, { killAfterMs: 200 });
  await vi.waitFor(() => expect(count('deaf', 'GPU-a')).toBe(1), { timeout: 20_000 });
  await supervised.stop();
  expect(count('asked', 'GPU-a')).toBe(1);
  const pid = Number(told().find(([what]) => what === 'deaf')?.[3]);
  expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
});
