// The model of a pinned GPU, read from files in the shape of the Linux driver's.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gpuModel } from './gpu-model.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reseed-gpus-'));
  const gpus = { '0000:65:00.0': ['NVIDIA A100-SXM4-40GB', 'GPU-aaaa'], '0000:17:00.0': ['Tesla T4', 'GPU-bbbb'] };
  for (const [place, [model, id]] of Object.entries(gpus)) {
    mkdirSync(join(folder, place));
    writeFileSync(join(folder, place, 'information'), `Model: \t\t ${model}\nIRQ:   \t\t 33\nGPU UUID: \t ${id}\n`);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each([
  ['', 'Tesla T4'],
  ['1', 'NVIDIA A100-SXM4-40GB'],
  ['1,0', 'NVIDIA A100-SXM4-40GB'],
  ['GPU-aaaa', 'NVIDIA A100-SXM4-40GB'],
  ['GPU-bb', 'Tesla T4'],
  ['7', 'Tesla T4'],
  ['MIG-cccc', 'MIG-cccc'],
])('CUDA_VISIBLE_DEVICES=%s is %s', (visible, model) => {
  expect(gpuModel(visible, folder)).toBe(model);
});

it('is only a gpu where there is no driver', () => {
  expect(gpuModel('', join(folder, 'none'))).toBe('gpu');
});
