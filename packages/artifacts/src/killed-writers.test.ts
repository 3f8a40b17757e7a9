// Real processes that are killed in the middle of a write: what they leave is readable, and is cleaned up when they are dead.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openCheckpoints } from './open-checkpoints.ts';
import { sampleIdentity as identity, temporaryFolder } from './temporary-folder.ts';

const top = temporaryFolder();
const BODY_BYTES = 48 * 2 ** 20;
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

/** Keeps epochs from `first` on until it is killed. */
function startWriter(folder: string, first: number): ChildProcess {
  const program = `
    import { openCheckpoints } from ${JSON.stringify(new URL('./open-checkpoints.ts', import.meta.url).href)};
    const checkpoints = openCheckpoints(${JSON.stringify({ folder, identity })});
    for (let epoch = ${first}; ; epoch++) await checkpoints.keep({ epoch, body: new Uint8Array(${BODY_BYTES}).fill(epoch) });`;
  const node = ['--conditions=source', '--import', 'tsx', '--input-type=module', '--eval', program];
  const child = spawn(process.execPath, node, { cwd: import.meta.dirname, stdio: ['ignore', 'inherit', 'inherit'] });
  children.push(child);
  return child;
}
const namesIn = (folder: string, ending: string): string[] => {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(ending));
  } catch {
    return [];
  }
};
/** The file that a writer is writing. */
const unfinishedOf = (folder: string, { pid }: ChildProcess) =>
  namesIn(folder, '.part').find((name) => name.includes(`-${pid}-`));
const untilItWrites = (folder: string, child: ChildProcess) =>
  expect.poll(() => unfinishedOf(folder, child), { timeout: 30_000, interval: 1 }).toBeDefined();
const hasStopped = ({ pid }: ChildProcess) =>
  expect.poll(() => execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })).toMatch(/^T/);

/** @returns whether the writer died in the middle of a write */
async function killWhileWriting(folder: string, first: number): Promise<boolean> {
  const child = startWriter(folder, first);
  await expect.poll(() => namesIn(folder, '.checkpoint').length, { timeout: 30_000 }).toBe(2);
  await untilItWrites(folder, child);
  child.kill('SIGKILL');
  await once(child, 'exit');
  return unfinishedOf(folder, child) !== undefined;
}

/** Freezes the writer in the middle of a write. @returns the name of its unfinished file */
async function freezeWhileWriting(folder: string, child: ChildProcess): Promise<string> {
  for (let round = 0; round < 30; round++) {
    await untilItWrites(folder, child);
    child.kill('SIGSTOP');
    await hasStopped(child);
    const unfinished = unfinishedOf(folder, child);
    if (unfinished !== undefined) return unfinished;
    child.kill('SIGCONT');
  }
  return expect.fail('the writer was never caught in the middle of a write');
}

describe('a writer that is killed', () => {
  it('leaves whole checkpoints, from which the next one goes on and whose rest it removes', async () => {
    const folder = join(top, 'killed');
    const refused: string[] = [];
    const checkpoints = openCheckpoints({ folder, identity, onRefused: (path) => refused.push(path) });
    let first = 0;
    let torn = 0;
    for (let round = 0; torn < 3; round++) {
      expect(round, 'no writer was caught in the middle of a write').toBeLessThan(30);
      if (await killWhileWriting(folder, first)) torn += 1;
      for await (const { epoch, body } of checkpoints.newestFirst()) {
        // The one before the first that this writer was to write, if it was killed at that.
        expect(epoch).toBeGreaterThanOrEqual(Math.max(first - 1, 1));
        expect(body.length).toBe(BODY_BYTES);
        expect(body.every((byte) => byte === epoch % 256)).toBe(true);
        first = epoch + 1;
        break;
      }
    }
    expect(refused).toEqual([]);
    await checkpoints.keep({ epoch: first, body: new Uint8Array(1) });
    expect(namesIn(folder, '.part')).toEqual([]);
  });

  it('does not take the unfinished file of a live one with it', async () => {
    const folder = join(top, 'live');
    const child = startWriter(folder, 0);
    const unfinished = await freezeWhileWriting(folder, child);
    // However long it stands still.
    utimesSync(join(folder, unfinished), 0, 0);
    const checkpoints = openCheckpoints({ folder, identity });
    await checkpoints.keep({ epoch: 1000, body: new Uint8Array(1) });
    expect(namesIn(folder, '.part')).toEqual([unfinished]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await checkpoints.keep({ epoch: 1001, body: new Uint8Array(1) });
    expect(namesIn(folder, '.part')).toEqual([]);
  });

  it('on another host is given a day', async () => {
    const folder = join(top, 'elsewhere');
    const checkpoints = openCheckpoints({ folder, identity });
    await checkpoints.keep({ epoch: 0, body: new Uint8Array(1) });
    const left = 'epoch-000001-00000000.checkpoint.ffffffff-1-1-0.part';
    writeFileSync(join(folder, left), 'half');
    await checkpoints.keep({ epoch: 1, body: new Uint8Array(1) });
    expect(namesIn(folder, '.part')).toEqual([left]);
    const dayBefore = Date.now() / 1000 - 25 * 3600;
    utimesSync(join(folder, left), dayBefore, dayBefore);
    await checkpoints.keep({ epoch: 2, body: new Uint8Array(1) });
    expect(namesIn(folder, '.part')).toEqual([]);
  });
});
