// Where CUDA's libraries are looked for, over folders in the shape that pip leaves.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LibraryFolderError } from './binding-errors.ts';
import { libraryFolders, libraryVersions } from './library-folders.ts';

let site: string;
beforeAll(() => {
  site = mkdtempSync(join(tmpdir(), 'reseed-site-'));
  for (const [library, file] of [
    ['cudnn', 'libcudnn.so.9'],
    ['cublas', 'libcublas.so.12'],
    ['cuda_nvcc', 'ptxas.txt'],
  ]) {
    mkdirSync(join(site, 'nvidia', library, 'lib'), { recursive: true });
    writeFileSync(join(site, 'nvidia', library, 'lib', file), '');
  }
  writeFileSync(join(site, 'nvidia', '__init__.py'), '');
  for (const name of ['nvidia_cudnn_cu12-9.3.0.75', 'nvidia_cublas_cu12-12.5.3.2', 'numpy-2.0.0'])
    mkdirSync(join(site, `${name}.dist-info`));
  mkdirSync(join(site, 'tensorflow'));
});
afterAll(() => rmSync(site, { recursive: true, force: true }));

const lib = (name: string) => join(site, 'nvidia', name, 'lib');

it('those beside an installed TensorFlow are found, each once', () => {
  const found = libraryFolders([], join(site, 'tensorflow'));
  expect(found.sort()).toEqual([lib('cublas'), lib('cudnn')]);
  expect(libraryFolders([join(site, 'nvidia'), lib('cudnn')], join(site, 'tensorflow')).sort()).toEqual(found);
});

it('those of a wheel are only the ones that are named', () => {
  expect(libraryFolders([], undefined)).toEqual([]);
  expect(libraryFolders([lib('cudnn')], undefined)).toEqual([lib('cudnn')]);
});

it.each([
  ['nowhere', 'there is no such folder'],
  ['nvidia/__init__.py', 'it is a file'],
  ['tensorflow', 'neither it nor any lib in it holds a library (.so)'],
])('%s is refused: %s', (name, reason) => {
  const folder = join(site, name);
  expect(() => libraryFolders([folder], undefined)).toThrow(LibraryFolderError);
  expect(() => libraryFolders([folder], undefined)).toThrow(`${folder} cannot be searched for libraries: ${reason}`);
});

it('their versions are those that pip left', () => {
  expect(libraryVersions([lib('cublas'), lib('cudnn')])).toEqual({ cudnn: '9.3.0.75', cublas: '12.5.3.2' });
  expect(libraryVersions(['/usr/local/cuda/lib64'])).toEqual({});
  expect(libraryVersions([])).toEqual({});
});
