// The recipes against what the golden traces say each mode is, and the table as it is documented.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { auditRecipes, describeRecipes, RECIPES, TORCH_VERSIONS } from './audit-recipes.ts';

interface GoldenMode {
  readonly torch_seeds_numpy_in_worker: boolean;
  readonly worker_init_fn: string;
  readonly persistent_workers: boolean;
  readonly per_epoch_main_hook: string | null;
}
const traces = readFileSync(new URL('../golden/dataloader_traces.json', import.meta.url), 'utf8');
const { modes } = JSON.parse(traces) as { modes: Record<string, GoldenMode> };

describe('recipes', () => {
  it.each(RECIPES)('$code is, under either version, a mode recorded with its worker_init_fn', (recipe) => {
    for (const torch of TORCH_VERSIONS) {
      const golden = modes[recipe.modes[torch]];
      // What sets NumPy last, or does not use NumPy, is the same whether torch has seeded NumPy before or not.
      const overridden = ['const', 'docs', 'div32', 'rkern', 'lightning'].includes(golden.worker_init_fn);
      const otherGenerator = recipe.code.includes('instead of NumPy');
      if (!overridden && !otherGenerator) expect(golden.torch_seeds_numpy_in_worker).toBe(torch === '≥ 1.9');
      expect(golden.persistent_workers).toBe(recipe.code.includes('persistent_workers=True'));
      expect(golden.worker_init_fn === 'none').toBe(recipe.code.startsWith('(nothing)'));
      expect(golden.per_epoch_main_hook === 'seed_epoch').toBe(recipe.code.includes('seed + epoch'));
    }
  });

  it('do what is known of them', () => {
    const found = Object.fromEntries(
      auditRecipes().map(({ torch, code, duplicates, repeats, dependsOnSeed }) => [
        `${RECIPES.findIndex((recipe) => recipe.code === code)} ${torch}`,
        `${duplicates}, ${repeats}, ${dependsOnSeed}`,
      ]),
    );
    const clean = 'no, no, yes';
    expect(found).toEqual({
      '0 < 1.9': 'yes, every epoch, yes',
      '0 ≥ 1.9': clean,
      '1 < 1.9': 'yes, no, yes',
      '1 ≥ 1.9': clean,
      '2 < 1.9': 'yes, partly, yes',
      '2 ≥ 1.9': clean,
      '3 < 1.9': 'no, every epoch, no',
      '3 ≥ 1.9': 'no, every epoch, no',
      '4 < 1.9': 'no, every epoch, yes',
      '4 ≥ 1.9': 'no, every epoch, yes',
      '5 < 1.9': 'no, every epoch, yes',
      '5 ≥ 1.9': 'no, every epoch, no',
      '6 < 1.9': 'no, partly, yes',
      '6 ≥ 1.9': 'no, every epoch, no',
      ...Object.fromEntries(
        [7, 8, 9, 10, 11, 12].flatMap((i) => TORCH_VERSIONS.map((torch) => [`${i} ${torch}`, clean])),
      ),
    });
  });

  it('stand in the documentation as they are computed', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    expect(readme).toContain(describeRecipes(auditRecipes()).join('\n'));
  });
});
