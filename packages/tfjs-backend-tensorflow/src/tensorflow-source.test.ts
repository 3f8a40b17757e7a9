// Every way in which a path is not a TensorFlow that can be used here, and what one that can is made of.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  NotTensorflowError,
  TensorflowIncompleteError,
  TensorflowMissingError,
  TensorflowPlatformError,
} from './binding-errors.ts';
import { openTensorflowSource } from './tensorflow-source.ts';
import type { Platform } from './wheel-platform.ts';
import { type Files, withRecord, writeWheel } from './write-wheel.ts';

const HERE: Platform = { system: 'linux', machine: 'x86_64', glibc: '2.36' };
const INFO = 'tensorflow-2.99.0.dist-info';
const INCLUDE = 'tensorflow/include';

const FILES: Files = {
  [`${INFO}/METADATA`]: 'Metadata-Version: 2.4\nName: tensorflow\nVersion: 2.99.0\n\nVersion: 1.0 was another one\n',
  [`${INFO}/WHEEL`]: 'Wheel-Version: 1.0\nTag: cp311-cp311-manylinux_2_27_x86_64\n',
  'tensorflow/libtensorflow_cc.so.2': 'one library',
  'tensorflow/libtensorflow_framework.so.2': 'the other',
  [`${INCLUDE}/tensorflow/c/eager/c_api.h`]: '#include "tensorflow/c/c_api.h"',
  [`${INCLUDE}/tsl/platform/ctstring.h`]: '',
  [`${INCLUDE}/Eigen/Core.h`]: 'not needed',
  'tensorflow/python/platform/build_info.py': "build_info = OrderedDict([('is_cuda_build', False)])",
};

const without = (...names: string[]): Files =>
  Object.fromEntries(Object.entries(FILES).filter(([name]) => !names.some((one) => name.endsWith(one))));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reseed-wheel-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function wheel(files: Files): string {
  const path = join(folder, 'tensorflow.whl');
  writeWheel(path, files);
  return path;
}

function install(files: Files): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, 'site', name)), { recursive: true });
    writeFileSync(join(folder, 'site', name), text);
  }
  return join(folder, 'site', 'tensorflow');
}

const FORMS: readonly (readonly [string, (files: Files) => string])[] = [
  ['wheel', wheel],
  ['installation', install],
];

describe.each(FORMS)('%s', (form, make) => {
  it('is described by what its files say', async () => {
    const source = await openTensorflowSource(make(withRecord(FILES, INFO)), HERE);
    expect(source).toMatchObject({ version: '2.99.0', kind: 'cpu' });
    expect(source.installed).toBe(form === 'wheel' ? undefined : join(folder, 'site', 'tensorflow'));
    const { include, libraries } = await source.provide(join(folder, 'work'));
    expect(readFileSync(join(libraries, 'libtensorflow_cc.so.2'), 'utf8')).toBe('one library');
    expect(readFileSync(join(include, 'tensorflow/c/eager/c_api.h'), 'utf8')).toContain('c_api.h');
    if (form === 'wheel') expect(readdirSync(include).sort()).toEqual(['tensorflow', 'tsl']);
    source.close();
  });

  it('is of the kind gpu when it was built with CUDA', async () => {
    const cuda = {
      'tensorflow/python/platform/build_info.py': "OrderedDict([('cuda_version', '12.5.1'), ('is_cuda_build', True)])",
    };
    const source = await openTensorflowSource(make(withRecord({ ...FILES, ...cuda }, INFO)), HERE);
    expect(source.kind).toBe('gpu');
    source.close();
  });

  it('for another machine is refused', async () => {
    const path = make(withRecord(FILES, INFO));
    await expect(openTensorflowSource(path, { ...HERE, machine: 'aarch64' })).rejects.toThrow(TensorflowPlatformError);
  });

  it('without the libraries is refused, and they are named', async () => {
    const path = make(withRecord(without('libtensorflow_cc.so.2', 'c_api.h'), INFO));
    const opened = openTensorflowSource(path, HERE);
    await expect(opened).rejects.toThrow(TensorflowIncompleteError);
    await expect(opened).rejects.toThrow(
      `TensorFlow 2.99.0 at ${path} lacks tensorflow/libtensorflow_cc.so.2, ${INCLUDE}/tensorflow/c/eager/c_api.h`,
    );
  });
});

it('an entry that is not what RECORD says is refused', async () => {
  const files = { ...withRecord(FILES, INFO), 'tensorflow/libtensorflow_cc.so.2': 'one librarx' };
  const source = await openTensorflowSource(wheel(files), HERE);
  const provided = source.provide(join(folder, 'work'));
  await expect(provided).rejects.toThrow('tensorflow/libtensorflow_cc.so.2 in it is not what its RECORD says');
  source.close();
});

it.each([
  ['no zip', () => 'text'],
  ['a wheel of something else', undefined],
])('a file that is %s is refused', async (_, text) => {
  const path = wheel(withRecord({ 'numpy-2.0.dist-info/WHEEL': 'Tag: py3-none-any' }, 'numpy-2.0.dist-info'));
  if (text !== undefined) writeFileSync(path, text());
  await expect(openTensorflowSource(path, HERE)).rejects.toThrow(NotTensorflowError);
});

it('a path at which nothing lies is refused', async () => {
  await expect(openTensorflowSource(join(folder, 'none.whl'), HERE)).rejects.toThrow(TensorflowMissingError);
});

it('a folder that holds no installation is refused', async () => {
  await expect(openTensorflowSource(folder, HERE)).rejects.toThrow('beside a folder tensorflow there must be its');
});

it('finds the package that brings the libraries, through links', async () => {
  const empty = withRecord({ 'tensorflow-3.0.dist-info/METADATA': 'Version: 3.0\n' }, 'tensorflow-3.0.dist-info');
  const path = install({ ...withRecord(FILES, INFO), ...empty });
  symlinkSync(path, join(folder, 'link'));
  const source = await openTensorflowSource(join(folder, 'link'), HERE);
  expect(source).toMatchObject({ version: '2.99.0', installed: path });
});
