import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { copyPackage } from './postgres-binary.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'postgres-binary-')));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a copy of the package stands alone and is open to every account, whatever the umask was', () => {
  const native = join(folder, 'package/native');
  const copy = join(folder, 'cache/postgres');
  for (const part of ['bin', 'lib']) mkdirSync(join(native, part), { recursive: true, mode: 0o700 });
  writeFileSync(join(native, 'bin/postgres'), 'program', { mode: 0o700 });
  writeFileSync(join(native, 'lib/libpq.so.5.18'), 'library', { mode: 0o600 });
  // One link made by the package's own script, one that only its list names.
  symlinkSync('libpq.so.5.18', join(native, 'lib/libpq.so.5'));
  const listed = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so' }];
  writeFileSync(join(native, 'pg-symlinks.json'), JSON.stringify(listed));
  mkdirSync(join(copy, 'bin'), { recursive: true, mode: 0o700 });
  writeFileSync(join(copy, 'bin/of-a-copy-that-did-not-run'), '');

  copyPackage(native, copy);

  expect(readdirSync(join(copy, 'bin'))).toEqual(['postgres']);
  for (const link of ['libpq.so.5', 'libpq.so']) {
    expect(isAbsolute(readlinkSync(join(copy, 'lib', link)))).toBe(false);
    expect(realpathSync(join(copy, 'lib', link))).toBe(join(copy, 'lib/libpq.so.5.18'));
  }
  const modes = ['..', 'bin', 'bin/postgres', 'lib/libpq.so.5.18'].map(
    (path) => statSync(join(copy, path)).mode & 0o777,
  );
  expect(modes).toEqual([0o711, 0o755, 0o755, 0o644]);
  expect(readdirSync(join(folder, 'cache'))).toEqual(['postgres']);
});
