// What can be said of a build without a TensorFlow: the pinned packages, the compiler, and that a failure leaves nothing.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { TensorflowMissingError } from './binding-errors.ts';
import { type BindingRecord, findBinding } from './binding-folder.ts';
import { buildBinding } from './build-binding.ts';
import { compilerVersion } from './compile-binding.ts';
import { ownPackage, PINNED_PACKAGES } from './fetch-packages.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reseed-bindings-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

it('fetches the packages that the lock file pins', () => {
  const lock = JSON.parse(readFileSync(new URL('../../../package-lock.json', import.meta.url), 'utf8')) as {
    packages: Record<string, { version: string; integrity: string }>;
  };
  for (const [name, { version, integrity }] of Object.entries(PINNED_PACKAGES))
    expect(lock.packages[`node_modules/${name}`]).toMatchObject({ version, integrity });
  const core = JSON.parse(readFileSync(join(ownPackage('@tensorflow/tfjs-core'), 'package.json'), 'utf8'));
  expect(core).toMatchObject({ version: PINNED_PACKAGES['@tensorflow/tfjs-node'].version });
});

it('says that there is no compiler, and which one it wanted', async () => {
  vi.stubEnv('CXX', 'no-such-compiler');
  await expect(compilerVersion()).rejects.toThrow(/^there is no C\+\+ compiler that runs here: no-such-compiler: /);
});

it('leaves nothing when there is nothing to build from', async () => {
  const bindings = join(folder, 'bindings');
  const built = buildBinding({ tensorflow: join(folder, 'none.whl'), libraries: [], bindings });
  await expect(built).rejects.toThrow(TensorflowMissingError);
  expect(existsSync(bindings)).toBe(false);
});

it('finds what the link of a kind names, and nothing where there is none', () => {
  expect(findBinding(folder, 'gpu')).toBeUndefined();
  const record: BindingRecord = { kind: 'gpu', tensorflowVersion: '2.99.0', builtFrom: 'a.whl', libraryFolders: [] };
  mkdirSync(join(folder, 'gpu-1'));
  symlinkSync('gpu-1', join(folder, 'gpu'));
  expect(findBinding(folder, 'gpu')).toBeUndefined();
  writeFileSync(join(folder, 'gpu-1', 'binding.json'), JSON.stringify(record));
  expect(findBinding(folder, 'gpu')).toEqual({ ...record, folder: join(folder, 'gpu-1') });
  expect(findBinding(folder, 'cpu')).toBeUndefined();
});
