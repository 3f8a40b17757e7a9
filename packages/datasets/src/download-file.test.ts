// A file from a real server that resumes, does not know ranges, cuts, lies about the content or is not there.
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NumpyRandomState } from '@reseed/rng';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { downloadFile, type FetchProgress } from './download-file.ts';
import { DatasetDownloadError } from './errors.ts';

const content = new Uint8Array(300_000);
const stream = new NumpyRandomState(1);
for (let i = 0; i < content.length; i++) content[i] = stream.randint(0, 256);
const file = {
  url: 'http://original.invalid/data/train.gz',
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
};

type Serve = (from: number, answer: ServerResponse, request: IncomingMessage) => void;
let serve: Serve;
const asked: (string | undefined)[] = [];
const server = createServer((request, answer) => {
  asked.push(request.headers.range);
  const [, from = '0'] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
  serve(Number(from), answer, request);
});
const whole: Serve = (from, answer) => {
  answer.writeHead(from > 0 ? 206 : 200);
  answer.end(content.subarray(from));
};
let mirror: string;
let folder: string;
let target: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}/files/`;
});
afterAll(() => void server.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reseed-download-'));
  target = join(folder, 'train.gz');
  asked.length = 0;
});
afterEach(() => rm(folder, { recursive: true }));

const failure = (options: object = {}): Promise<DatasetDownloadError> =>
  downloadFile(file, target, { mirror, ...options }).then(
    () => expect.fail('nothing was thrown'),
    (error: unknown) => {
      expect(error).toBeInstanceOf(DatasetDownloadError);
      return error as DatasetDownloadError;
    },
  );
const expectDownloaded = async () => expect(Buffer.compare(await readFile(target), content)).toBe(0);

describe('downloadFile', () => {
  it('reports progress to the last byte, and asks for nothing when the file is there', async () => {
    serve = whole;
    const seen: FetchProgress[] = [];
    await downloadFile(file, target, { mirror, onProgress: (progress) => seen.push(progress) });
    await expectDownloaded();
    expect(seen.at(-1)).toEqual({ file: 'train.gz', received: 300_000, total: 300_000 });
    await downloadFile(file, target, { mirror });
    expect(asked).toEqual([undefined]);
  });

  it('goes on where it was cut', async () => {
    serve = (_, answer) => {
      answer.writeHead(200, { 'content-length': String(content.length) });
      answer.write(content.subarray(0, 120_000), () => setTimeout(() => answer.destroy(), 200));
    };
    const cut = await failure();
    expect(cut.message).toMatch(/it was cut after \d+ of 300000 bytes; try again, or name a mirror with --from$/);
    serve = whole;
    await downloadFile(file, target, { mirror });
    await expectDownloaded();
    expect(asked[1]).toMatch(/^bytes=[1-9]\d*-$/);
  });

  it('starts again with a server that does not know ranges', async () => {
    await writeFile(`${target}.part`, content.subarray(0, 50_000));
    serve = (_, answer) => void answer.end(content);
    await downloadFile(file, target, { mirror });
    await expectDownloaded();
  });

  it('throws away what is not the original, so that the next try starts clean', async () => {
    await writeFile(`${target}.part`, new Uint8Array(100_000));
    serve = whole;
    expect((await failure()).message).toContain(`expected ${file.sha256}`);
    await downloadFile(file, target, { mirror });
    await expectDownloaded();
  });

  it.each<[string, Serve, string]>([
    ['too long', (_, answer) => void answer.end(Buffer.concat([content, content])), 'it is larger than 300000 bytes'],
    ['too short', (_, answer) => void answer.end(content.subarray(0, 10)), 'it ended after 10 of 300000 bytes'],
    ['not there', (_, answer) => void answer.writeHead(404).end('no'), 'the server answered 404'],
  ])('says when it is %s', async (_, answer, says) => {
    serve = answer;
    const error = await failure();
    expect(error.message).toBe(`${mirror}train.gz: ${says}; try again, or name a mirror with --from`);
  });

  it('says why no server answers', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    expect((await failure({ mirror: `http://127.0.0.1:${port}` })).message).toContain('ECONNREFUSED');
  });

  it('can be called off, and keeps what it has', async () => {
    const controller = new AbortController();
    serve = (_, answer) => {
      answer.writeHead(200);
      answer.write(content.subarray(0, 100_000));
    };
    const onProgress = () => controller.abort();
    await expect(downloadFile(file, target, { mirror, onProgress, signal: controller.signal })).rejects.toThrow(
      'abort',
    );
    serve = whole;
    await downloadFile(file, target, { mirror });
    await expectDownloaded();
  });
});
