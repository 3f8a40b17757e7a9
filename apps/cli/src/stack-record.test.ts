// One stack per home: who may start it, who waits, and what a killed process leaves behind.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claimStack, findStack, removeStackRecord, writeStackRecord } from './stack-record.ts';

let folder: string;
let home: string;
let other: ChildProcess;
let api: Server;
let url: string;
const silentUrl = 'http://127.0.0.1:1';

beforeAll(async () => {
  api = createServer((request, response) => response.writeHead(request.url === '/healthz' ? 200 : 404).end());
  api.listen(0, '127.0.0.1');
  await once(api, 'listening');
  url = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
});
afterAll(() => {
  api.closeAllConnections();
  api.close();
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reseed-record-test-'));
  home = join(folder, 'state', 'home');
  other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(other, 'spawn');
});
afterEach(async () => {
  await endOther();
  rmSync(folder, { recursive: true, force: true });
});

async function endOther(): Promise<void> {
  if (other.exitCode !== null || other.signalCode !== null) return;
  other.kill('SIGKILL');
  await once(other, 'exit');
}
const write = (content: unknown) => {
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'stack.json'), typeof content === 'string' ? content : JSON.stringify(content));
};
const written = (): unknown => JSON.parse(readFileSync(join(home, 'stack.json'), 'utf8'));
const never = () => expect.fail('there is nobody to wait for');
const mine = { pid: process.pid, url: null };

describe('claimStack', () => {
  it('takes a home that nobody uses, in folders that every account may pass', async () => {
    const umask = process.umask(0o077);
    try {
      expect(await claimStack(home, { onWait: never })).toBeUndefined();
    } finally {
      process.umask(umask);
    }
    expect(written()).toEqual(mine);
    for (const made of [home, join(folder, 'state')]) expect(statSync(made).mode & 0o011).toBe(0o011);
    expect(await findStack(home)).toBeUndefined();
  });

  it('gives the stack of another process whose API answers', async () => {
    write({ pid: other.pid, url });
    expect(await claimStack(home, { onWait: never })).toEqual({ pid: other.pid, url });
    expect(await findStack(home)).toEqual({ pid: other.pid, url });
  });

  it.each([
    ['is broken', () => '{ "pid": '],
    ['is something else', () => ({ pid: 'one', url })],
    ['is of this process id, which somebody had before', () => ({ pid: process.pid, url })],
    ['names a silent API', () => ({ pid: other.pid, url: silentUrl })],
  ])('takes the home over when the record %s', async (_, record) => {
    write(record());
    expect(await claimStack(home, { onWait: never })).toBeUndefined();
    expect(written()).toEqual(mine);
  });

  it('takes the home over from a process that is gone, started or not', async () => {
    const pid = other.pid;
    await endOther();
    for (const left of [url, null]) {
      write({ pid, url: left });
      expect(await findStack(home)).toBeUndefined();
      expect(await claimStack(home, { onWait: never })).toBeUndefined();
      expect(written()).toEqual(mine);
    }
  });

  it('waits for a process that is starting, and gives what it has started', async () => {
    write({ pid: other.pid, url: null });
    const waitedFor: number[] = [];
    const claimed = claimStack(home, { onWait: (pid) => waitedFor.push(pid) });
    await expect.poll(() => waitedFor).toEqual([other.pid]);
    // As `writeStackRecord` of that process does.
    writeStackRecord(home, { pid: other.pid as number, url });
    expect(await claimed).toEqual({ pid: other.pid, url });
    expect(waitedFor).toHaveLength(1);
  });

  it('waits for a process that is starting, and takes over when it dies', async () => {
    write({ pid: other.pid, url: null });
    let waits = false;
    const claimed = claimStack(home, { onWait: () => (waits = true) });
    await expect.poll(() => waits).toBe(true);
    await endOther();
    expect(await claimed).toBeUndefined();
    expect(written()).toEqual(mine);
  });

  it('does not wait for a start of long ago: the process id belongs to somebody else by now', async () => {
    write({ pid: other.pid, url: null });
    const longAgo = new Date(Date.now() - 3_600_000);
    utimesSync(join(home, 'stack.json'), longAgo, longAgo);
    expect(await claimStack(home, { onWait: never })).toBeUndefined();
  });
});

describe('removeStackRecord', () => {
  it('removes the own record and leaves that of another process', async () => {
    await claimStack(home, { onWait: never });
    writeStackRecord(home, { pid: process.pid, url });
    expect(written()).toEqual({ pid: process.pid, url });
    removeStackRecord(home);
    expect(await findStack(home)).toBeUndefined();
    write({ pid: other.pid, url });
    removeStackRecord(home);
    expect(written()).toEqual({ pid: other.pid, url });
  });
});
