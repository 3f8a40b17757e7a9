// Every golden file is opened by exactly one test file, and holds as many entries as when it was made.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GoldenFile } from './golden-entries.ts';

const folder = new URL('.', import.meta.url);
const names = readdirSync(new URL('../golden/', folder)).map((file) => file.replace(/\.json$/, ''));
const tests = readdirSync(folder)
  .filter((file) => file.endsWith('.test.ts') && file !== 'golden-entries.test.ts')
  .map((file) => readFileSync(new URL(file, folder), 'utf8'));

describe('golden files', () => {
  it.each(names)('%s is compared entry by entry in one test file', (name) => {
    const opening = tests.filter((text) => text.includes(`>('${name}',`));
    expect(opening).toHaveLength(1);
    expect(opening[0]).toContain('golden.uncompared).toEqual([])');
  });
});

describe('GoldenFile', () => {
  const open = () => GoldenFile.open<unknown>('python_random', ['seed']);

  it('counts an entry as compared only when it agrees', () => {
    const golden = open();
    expect(golden.uncompared).toHaveLength(golden.entries);
    golden.compare(['cases', 0, 'pos'], 624);
    golden.compare(['cases', 0, 'betavariate_1_1'], 0.5673903803365107 * (1 + 2 ** -52), { relative: 2.3e-16 });
    expect(() => golden.compare(['cases', 1, 'pos'], 0)).toThrow();
    expect(() => golden.compare(['cases', 0, 'gauss_x3'], [0, 0, 0], { absolute: 1e-9 })).toThrow();
    expect(() => golden.compare(['cases', 0, 'gauss_x3'], [0], { absolute: 9 })).toThrow();
    expect(() => golden.compare(['cases', 0, 'nothing'], undefined)).toThrow('is in the golden file');
    expect(golden.uncompared).toHaveLength(golden.entries - 2);
  });

  it('does not count inputs', () => {
    const golden = open();
    expect(() => golden.compare(['cases', 0, 'seed'], '0')).toThrow('is an entry');
    expect(golden.uncompared.some((entry) => entry.endsWith('/seed') || entry.startsWith('/meta'))).toBe(false);
  });
});
