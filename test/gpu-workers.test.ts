// `reseed worker --device all` and what `reseed doctor` says of GPUs, with a script in the place of the driver's nvidia-smi.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { ownDatabase, ownRedis } from './services/own-services.ts';
import { reseed } from './services/reseed-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'reseed-gpus-'));
chmodSync(folder, 0o711);
const home = { RESEED_HOME: join(folder, 'home'), RESEED_TENSORFLOW: join(folder, 'bindings') };
const gpus = { PATH: [folder, process.env['PATH']].join(delimiter) };

beforeAll(() => {
  const file = join(folder, 'nvidia-smi');
  const lines = ['0, GPU-aa11, NVIDIA A100-SXM4-40GB, 40960', '1, GPU-bb22, NVIDIA A100-SXM4-40GB, 40960'];
  writeFileSync(file, `#!/bin/sh\nprintf '${lines.join('\\n')}\\n'\n`);
  chmodSync(file, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('the doctor lists the GPUs with their memory', async () => {
  const env = { ...home, ...gpus, DATABASE_URL: inject('databaseUrl'), REDIS_URL: inject('redisUrl') };
  const { stdout } = await reseed(['doctor', '--json'], { env: { ...env, CUDA_VISIBLE_DEVICES: '1' } });
  expect(JSON.parse(stdout).gpus).toEqual({
    visible: [{ index: 1, id: 'GPU-bb22', model: 'NVIDIA A100-SXM4-40GB', memoryBytes: 40_960 * 2 ** 20 }],
    reason: null,
  });
});

it('--device all says why there is no GPU', async () => {
  const services = { DATABASE_URL: 'postgresql://127.0.0.1:1/none', REDIS_URL: 'redis://127.0.0.1:1' };
  const env = { ...home, ...services, PATH: join(folder, 'empty') };
  const { code, stderr } = await reseed(['worker', '--device', 'all'], { env });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^no GPU can be used: there is no nvidia-smi on PATH: .*\n$/);
});

it('--device all starts a real worker per visible GPU, and gives up where none can open it', async () => {
  const database = await ownDatabase();
  const services = { DATABASE_URL: database.url, REDIS_URL: await ownRedis(), CUDA_VISIBLE_DEVICES: '1' };
  const { code, stdout } = await reseed(['worker', '--device', 'all'], { env: { ...home, ...gpus, ...services } });
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  const said = lines.map((line) => JSON.parse(line) as { msg: string; gpu?: string; err?: { message: string } });
  expect(code).toBe(1);
  expect(said.filter(({ msg }) => msg === 'starting a worker').map(({ gpu }) => gpu)).toEqual(
    Array(5).fill('GPU-bb22'),
  );
  // The worker's own words: it was told to use a GPU and found that it cannot.
  expect(said.find(({ msg }) => msg === 'the worker cannot start')?.err?.message).toContain(
    'device "gpu" was asked for',
  );
  expect(said.at(-1)).toMatchObject({ gpu: 'GPU-bb22', msg: expect.stringContaining('given up') });
  expect(await database.client.worker.count()).toBe(0);
}, 180_000);
