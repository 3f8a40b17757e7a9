import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { LockTimeoutError, withFolderLock } from './folder-lock.ts';
import { startOf } from './process-identity.ts';

const folder = mkdtempSync(join(tmpdir(), 'folder-lock-'));
const lock = join(folder, 'lock');
const children: ChildProcess[] = [];

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function start(file: string, args: readonly string[]): ChildProcess & { readonly pid: number } {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  if (child.pid === undefined) throw new Error(`${file} does not start.`);
  return Object.assign(child, { pid: child.pid });
}

async function ended(): Promise<number> {
  const child = start(process.execPath, ['--version']);
  await once(child, 'exit');
  return child.pid;
}

function leaveLock(owner: string): void {
  mkdirSync(lock);
  writeFileSync(join(lock, 'owner'), owner);
}

async function expectTaken(): Promise<void> {
  expect(await withFolderLock(lock, { waitMs: 2000 }, async () => 'done')).toBe('done');
  expect(readdirSync(folder)).toEqual([]);
}

describe('withFolderLock', () => {
  it('runs one at a time, and every one', async () => {
    let inside = 0;
    let most = 0;
    const numbers = Array.from({ length: 12 }, (_, i) => i);
    const done = await Promise.all(
      numbers.map((number) =>
        withFolderLock(lock, { waitMs: 20_000 }, async () => {
          inside += 1;
          most = Math.max(most, inside);
          await sleep(1);
          inside -= 1;
          return number;
        }),
      ),
    );
    expect(done).toEqual(numbers);
    expect(most).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('gives the lock back when the work fails, and passes the failure on', async () => {
    const work = async () => {
      expect(existsSync(lock)).toBe(true);
      throw new RangeError('the work');
    };
    await expect(withFolderLock(lock, { waitMs: 0 }, work)).rejects.toThrow(RangeError);
    await expectTaken();
  });

  it('names the live owner when it waits in vain, and leaves its lock alone', async () => {
    const owner = start(process.execPath, ['--eval', 'setTimeout(() => {}, 60_000)']);
    leaveLock(`${owner.pid} ${startOf(owner.pid)}`);
    const wait = withFolderLock(lock, { waitMs: 100 }, async () => {});
    await expect(wait).rejects.toThrow(LockTimeoutError);
    await expect(wait).rejects.toMatchObject({ folder: lock, ownerPid: owner.pid, waitedMs: 100 });
    await expect(wait).rejects.toThrow(/Wait for that process or end it/);
    expect(existsSync(join(lock, 'owner'))).toBe(true);
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    await expectTaken();
  });

  it.each([
    ['an ended process', async () => `${await ended()} 12345`],
    ['a process whose id is used again', async () => `${process.pid} 12345`],
    ['nobody, after a crash of the machine', async () => ''],
  ])('overcomes the lock of %s, also when several find it', async (_, owner) => {
    leaveLock(await owner());
    await Promise.all([expectDone(), expectDone(), expectDone()]);
    await expectTaken();
  });

  it.runIf(process.platform === 'linux')('overcomes the lock of an ended process that nobody collects', async () => {
    // The shell becomes a program that knows nothing of the child it got.
    const parent = start('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60']);
    const [said] = (await once(parent.stdout ?? parent, 'data')) as [Buffer];
    const zombie = Number(said);
    const began = startOf(zombie);
    expect(began).not.toBe('');
    leaveLock(`${zombie} ${began}`);
    await expectTaken();
    expect(startOf(zombie)).toBe(began);
  });
});

async function expectDone(): Promise<void> {
  expect(await withFolderLock(lock, { waitMs: 5000 }, async () => 'done')).toBe('done');
}
