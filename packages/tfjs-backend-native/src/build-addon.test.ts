// Building: once per machine, one at a time, and a reason in a sentence where it cannot be done.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildAddon } from './build-addon.ts';
import { cacheFolder, isMissing } from './kernel-probe.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reseed-native-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(isMissing)('what was built', () => {
  it('is found again, by any number at once', async () => {
    const built = await Promise.all([1, 2, 3].map(() => buildAddon({ cacheFolder })));
    expect(new Set(built.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(existsSync((built[0] as { file: string }).file)).toBe(true);
    expect(readdirSync(cacheFolder).filter((name) => name.startsWith('native-build-'))).toEqual([]);
  });
});

describe('a reason in one sentence', () => {
  it('where there is no compiler', async () => {
    vi.stubEnv('CXX', 'no-such-compiler');
    const reason = await buildAddon({ cacheFolder: folder });
    expect(reason).toMatch(/^there is no C\+\+ compiler that runs here: .*no-such-compiler/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.skipIf(isMissing)('where the folder that was named holds no oneDNN', async () => {
    const reason = await buildAddon({ cacheFolder: folder, oneDnnPrefix: join(folder, 'nothing') });
    expect(reason).toBe(`there is no oneDNN 2 or 3 with its headers under ${join(folder, 'nothing')}`);
  });

  it.skipIf(isMissing)('where nothing compiles: the first error, and no rest of the attempt', async () => {
    const prefix = join(folder, 'prefix');
    mkdirSync(join(prefix, 'include/oneapi/dnnl'), { recursive: true });
    mkdirSync(join(prefix, 'lib'));
    const version = ['MAJOR 2', 'MINOR 6', 'PATCH 3'].map((part) => `#define DNNL_VERSION_${part}`).join('\n');
    writeFileSync(join(prefix, 'include/oneapi/dnnl/dnnl_version.h'), version);
    mkdirSync(join(prefix, 'include', 'dnnl.h'));
    writeFileSync(join(prefix, 'lib/libdnnl.so'), '');
    const cache = join(folder, 'cache');
    const reason = await buildAddon({ cacheFolder: cache, oneDnnPrefix: prefix });
    expect(reason).toMatch(/^the native kernels do not compile: .*dnnl\.h.*/);
    expect(reason).not.toContain('\n');
    expect(readdirSync(cache)).toEqual([]);
  });
});
