// Where a clone keeps its state, for root and for others, in real folders.
import { execFile } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { othersCanReach, stateHome } from './state-home.ts';

const isRoot = process.getuid?.() === 0;
const temporary = realpathSync(tmpdir());
const reachable = othersCanReach(temporary);
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(temporary, 'reseed-home-'));
  for (const clone of ['open', 'closed', 'closed/inner', 'open/inner', 'twin']) mkdirSync(join(folder, clone));
  for (const open of ['', 'open', 'open/inner', 'closed/inner', 'twin']) chmodSync(join(folder, open), 0o755);
  chmodSync(join(folder, 'closed'), 0o700);
  symlinkSync(join(folder, 'closed'), join(folder, 'link'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const homeOf = (clone: string, home?: string) => stateHome({ root: join(folder, clone), env: { RESEED_HOME: home } });

/** What a process of an ordinary account gets; when the tests run as root, they drop to one that owns the clone. */
async function homeForOrdinaryAccount(clone: string): Promise<string> {
  const source = JSON.stringify(new URL('state-home.ts', import.meta.url).href);
  const program = `
    import { stateHome } from ${source};
    if (process.getuid() === 0) process.setuid(65534);
    console.log(stateHome({ root: ${JSON.stringify(join(folder, clone))}, env: {} }));`;
  const node = ['--conditions=source', '--import', 'tsx', '--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, node, { cwd: import.meta.dirname });
  return stdout.trim();
}

describe('RESEED_HOME', () => {
  it('is used as it is, absolute', () => {
    expect(homeOf('open', '/srv/reseed')).toBe('/srv/reseed');
    expect(homeOf('closed', 'some/where')).toBe(resolve('some/where'));
  });

  it('counts as unset when it is empty', () => {
    expect(homeOf('open', '')).toBe(homeOf('open'));
  });
});

describe('a folder', () => {
  it('is reached by others only when every folder above it lets them pass', () => {
    expect(othersCanReach('/')).toBe(true);
    expect(othersCanReach(join(folder, 'open'))).toBe(reachable);
    expect(othersCanReach(join(folder, 'open/inner'))).toBe(reachable);
    expect(othersCanReach(join(folder, 'closed'))).toBe(false);
    expect(othersCanReach(join(folder, 'closed/inner'))).toBe(false);
    chmodSync(join(folder, 'closed'), 0o711);
    expect(othersCanReach(join(folder, 'closed/inner'))).toBe(reachable);
    chmodSync(join(folder, 'closed'), 0o766);
    expect(othersCanReach(join(folder, 'closed/inner'))).toBe(false);
    chmodSync(join(folder, 'closed'), 0o700);
  });
});

describe('without RESEED_HOME', () => {
  it.skipIf(isRoot && !reachable)('a clone that others can reach keeps its state in itself', () => {
    expect(homeOf('open')).toBe(join(folder, 'open', '.reseed'));
  });

  it('an ordinary account keeps the state in the clone, even where others cannot reach it', async () => {
    if (isRoot) chownSync(join(folder, 'closed'), 65_534, 65_534);
    expect(await homeForOrdinaryAccount('closed')).toBe(join(folder, 'closed', '.reseed'));
  });

  it.runIf(isRoot)('root keeps it outside a clone that Postgres could not reach', () => {
    const home = homeOf('closed/inner');
    expect(dirname(home)).toBe('/var/lib/reseed');
    expect(basename(home)).toMatch(/^[0-9a-f]{16}$/);
    expect(homeOf('closed/inner')).toBe(home);
  });

  it('two clones never share, and one clone has one home by whatever path', () => {
    const homes = ['open', 'open/inner', 'closed', 'closed/inner', 'twin'].map((clone) => homeOf(clone));
    expect(new Set(homes).size).toBe(homes.length);
    expect(homeOf('link')).toBe(homeOf('closed'));
    expect(homeOf('open/../open/')).toBe(homeOf('open'));
  });

  it('nothing is created', () => {
    expect(existsSync(homeOf('open'))).toBe(false);
  });

  it('a clone that does not exist is an error', () => {
    expect(() => homeOf('missing')).toThrow('ENOENT');
  });
});
