// The name of the code in a real clone: of a commit, of changes to it, and outside of any.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { codeVersion } from './code-version.ts';

const folder = mkdtempSync(join(tmpdir(), 'reseed-version-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
const here = pathToFileURL(`${folder}/`);
const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'ignore' });
const change = (text: string) => writeFileSync(join(folder, 'code.ts'), text);

it('names the commit, and each change of it by another name', () => {
  expect(codeVersion(here)).toMatch(/^\d+\.\d+\.\d+\+built-[0-9a-f]{12}$/);
  expect(codeVersion(here)).toBe(codeVersion(here));
  git('init');
  change('one');
  git('add', 'code.ts');
  git('-c', 'user.name=test', '-c', 'user.email=test@example.org', 'commit', '-m', 'one');
  const clean = codeVersion(here);
  expect(clean).toMatch(/^\d+\.\d+\.\d+\+[0-9a-f]{12}$/);
  change('two');
  const second = codeVersion(here);
  expect(second).toMatch(new RegExp(`^${clean.replaceAll(/[.+]/g, '\\$&')}-modified-[0-9a-f]{8}$`));
  change('three');
  const third = codeVersion(here);
  expect(third).not.toBe(second);
  change('two');
  expect(codeVersion(here)).toBe(second);
  change('one');
  expect(codeVersion(here)).toBe(clean);
});
