// GPUs as a program named nvidia-smi tells of them: a script in its place, since it is a part of the driver.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { listGpus, NoGpuError } from './list-gpus.ts';

const TWO = '0, GPU-aa11, NVIDIA A100-SXM4-40GB, 40960\\n1, GPU-bb22, NVIDIA A100-SXM4-40GB, 40960\\n';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reseed-smi-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** @param visible CUDA_VISIBLE_DEVICES */
function machine(script: string, visible?: string): NodeJS.ProcessEnv {
  const file = join(folder, 'nvidia-smi');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  const path = [folder, process.env['PATH']].join(delimiter);
  return { PATH: path, ...(visible === undefined ? {} : { CUDA_VISIBLE_DEVICES: visible }) };
}

it('lists model, id and memory, and asks for just these', async () => {
  const asked = join(folder, 'asked');
  const gpus = await listGpus(machine(`echo "$@" > ${asked}; printf '${TWO}'`));
  expect(gpus).toEqual([
    { index: 0, id: 'GPU-aa11', model: 'NVIDIA A100-SXM4-40GB', memoryBytes: 40_960 * 2 ** 20 },
    { index: 1, id: 'GPU-bb22', model: 'NVIDIA A100-SXM4-40GB', memoryBytes: 40_960 * 2 ** 20 },
  ]);
});

it('takes memory that the driver does not tell as unknown', async () => {
  const [gpu] = await listGpus(machine(`echo '0, GPU-cc33, NVIDIA GB10, [N/A]'`));
  expect(gpu).toEqual({ index: 0, id: 'GPU-cc33', model: 'NVIDIA GB10', memoryBytes: null });
});

it.each([
  ['1', ['GPU-bb22']],
  ['1,0', ['GPU-bb22', 'GPU-aa11']],
  ['GPU-b', ['GPU-bb22']],
  ['0,7,1', ['GPU-aa11']],
  ['0,0', ['GPU-aa11']],
  ['MIG-5c1b', ['MIG-5c1b']],
])('CUDA_VISIBLE_DEVICES=%s leaves %o', async (visible, ids) => {
  expect((await listGpus(machine(`printf '${TWO}'`, visible))).map(({ id }) => id)).toEqual(ids);
});

it.each(['', '-1', '7', 'none'])('CUDA_VISIBLE_DEVICES=%s leaves none, and the error names it', async (visible) => {
  const listed = listGpus(machine(`printf '${TWO}'`, visible));
  await expect(listed).rejects.toThrow(`CUDA_VISIBLE_DEVICES is "${visible}" and names none of GPU-aa11, GPU-bb22`);
});

it.each([
  ['is absent', undefined, /there is no nvidia-smi on PATH/],
  [
    'fails',
    'echo "NVIDIA-SMI has failed: no driver."; exit 9',
    /nvidia-smi failed: NVIDIA-SMI has failed: no driver\./,
  ],
  ['lists none', 'echo "No devices were found"', /nvidia-smi lists none/],
])('says why when nvidia-smi %s', async (_, script, reason) => {
  const env = script === undefined ? { PATH: folder } : machine(script);
  const error = await listGpus(env).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(NoGpuError);
  expect((error as Error).message).toMatch(reason);
});
