// Datasets fetched from a real server into a folder: archives, single files, what was there before, and failures.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DatasetDownloadError } from './errors.ts';
import { fetchDataset, fetchFiles } from './fetch-dataset.ts';
import { locateFiles } from './locate-files.ts';

const packed = new Map<string, Buffer>();
const server = createServer(({ url = '' }, answer) => {
  const file = packed.get(url.slice(1));
  answer.writeHead(file === undefined ? 404 : 200).end(file);
});
let mirror: string;
let folder: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const work = mkdtempSync(join(tmpdir(), 'reseed-fetch-'));
  mkdirSync(join(work, 'tiny-batches-bin'));
  writeFileSync(join(work, 'tiny-batches-bin/train.bin'), 'images');
  packed.set('tiny.tar.gz', execFileSync('tar', ['-czf', '-', '-C', work, 'tiny-batches-bin']));
  packed.set('train.gz', gzipSync('images'));
  packed.set('test.gz', gzipSync('more'));
  rmSync(work, { recursive: true });
});
afterAll(() => void server.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reseed-fetch-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const downloadOf = (name: string) => {
  const bytes = packed.get(name) as Buffer;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { url: `http://original.invalid/${name}`, bytes: bytes.length, sha256 };
};
const nothing = () => Promise.resolve();

describe('fetchFiles', () => {
  it('unpacks an archive into its own folder and leaves nothing else', async () => {
    const facts = { folder: 'tiny-batches-bin', downloads: [downloadOf('tiny.tar.gz')] };
    const fetched = await fetchFiles(facts, { folder: join(folder, 'new'), mirror }, nothing);
    expect(fetched).toEqual({ folder: join(folder, 'new/tiny-batches-bin'), outcome: 'downloaded' });
    expect(readFileSync(join(fetched.folder, 'train.bin'), 'utf8')).toBe('images');
    expect(readdirSync(join(folder, 'new'))).toEqual(['tiny-batches-bin']);
  });

  it('keeps packed files as they are, and replaces what was there', async () => {
    const facts = { folder: 'tiny', downloads: [downloadOf('train.gz'), downloadOf('test.gz')] };
    mkdirSync(join(folder, 'tiny'));
    writeFileSync(join(folder, 'tiny/broken'), '');
    await fetchFiles(facts, { folder, mirror }, nothing);
    expect(readdirSync(join(folder, 'tiny')).sort()).toEqual(['test.gz', 'train.gz']);
  });

  it('leaves what was there when the check or a download fails', async () => {
    const facts = {
      folder: 'tiny',
      downloads: [downloadOf('tiny.tar.gz'), { ...downloadOf('test.gz'), url: 'http://x.invalid/gone.gz' }],
    };
    mkdirSync(join(folder, 'tiny'));
    writeFileSync(join(folder, 'tiny/old'), '');
    await expect(fetchFiles(facts, { folder, mirror }, nothing)).rejects.toBeInstanceOf(DatasetDownloadError);
    const refuse = () => Promise.reject(new Error('not the originals'));
    const one = { folder: 'tiny', downloads: [downloadOf('train.gz')] };
    await expect(fetchFiles(one, { folder, mirror }, refuse)).rejects.toThrow('not the originals');
    expect(readdirSync(folder).filter((name) => name !== 'tiny')).toEqual([]);
    expect(readdirSync(join(folder, 'tiny'))).toEqual(['old']);
  });
});

describe('fetchDataset', () => {
  it('asks for nothing when a usable copy is there', async () => {
    symlinkSync(locateFiles('mnist', []).folder, join(folder, 'mnist'));
    const fetched = await fetchDataset('mnist', { folder, mirror: 'http://original.invalid' });
    expect(fetched).toEqual({ folder: join(folder, 'mnist'), outcome: 'present' });
  });

  it('says which file a mirror lacks', async () => {
    await expect(fetchDataset('cifar100', { folder, mirror })).rejects.toThrow(
      `${mirror}/cifar-100-binary.tar.gz: the server answered 404; try again, or name a mirror with --from`,
    );
    expect(existsSync(join(folder, 'cifar-100-binary'))).toBe(false);
  });
});
