// The attacks of a suite in full: ids, defaults, what cannot run, and what comparisons of its metrics need.
import { describe, expect, it } from 'vitest';
import { describeLevel } from './describe-level.ts';
import { EVALUATION_ATTACK_NAMES } from './evaluation-attack-schemas.ts';
import { findAttackConflicts } from './evaluation-conflicts.ts';
import { attackOverrides, type EvaluationAttack } from './evaluation-attacks.ts';
import { expandGrid } from './expand-grid.ts';
import { parseGrid } from './grid.ts';
import { resolveCondition } from './parameters.ts';
import { type MetricName, strongMetricWeights } from './run-result.ts';
import { runKeys } from './run-spec.ts';

const conditionOf = (evaluation: Record<string, unknown>, rest: Record<string, unknown> = {}) => {
  const base = { evaluation, ...rest };
  return expandGrid(parseGrid({ name: 'grid', base, seeds: [1] })).conditions[0];
};
const resolved = (...attacks: unknown[]): EvaluationAttack[] => conditionOf({ attacks }).condition.evaluation.attacks;

describe('the canonical form', () => {
  it('has every parameter, and the epsilon of the evaluation', () => {
    expect(resolved('pgd', { name: 'fgsm', epsilon: 0.3 })).toEqual([
      { name: 'pgd', id: 'pgd', epsilon: 0.1, steps: 20, restarts: 1, stepShare: 0.25, loss: 'ce' },
      { name: 'fgsm', id: 'fgsm-epsilon-0.3', epsilon: 0.3, loss: 'ce' },
    ]);
    const { condition } = resolveCondition({ attack: { epsilon: 0.2 }, evaluation: { attacks: ['autoattack'] } });
    expect(condition.evaluation.attacks).toEqual([
      { name: 'autoattack', id: 'autoattack', epsilon: 0.2, steps: 100, restarts: 1, targets: 9, queries: 5000 },
    ]);
  });

  it('stays what it is when it is written out', () => {
    const attacks = resolved(...EVALUATION_ATTACK_NAMES, { name: 'pgd', loss: 'cw', epsilon: 0.2 });
    expect(resolved(...attacks)).toEqual(attacks);
    const keys = [attacks, [...EVALUATION_ATTACK_NAMES, { epsilon: 0.2, loss: 'cw', name: 'pgd' }]].map((list) =>
      runKeys(conditionOf({ attacks: list }).condition, [1]),
    );
    expect(keys[0]).toEqual(keys[1]);
  });

  it.each<[written: Record<string, unknown> & { name: string }, id: string]>([
    [{ name: 'pgd' }, 'pgd'],
    [{ name: 'pgd', steps: 20, epsilon: 0.1 }, 'pgd'],
    [{ name: 'pgd', steps: 40 }, 'pgd-40'],
    [{ name: 'pgd', loss: 'cw' }, 'pgd-20-cw'],
    [{ name: 'pgd', loss: 'dlr', steps: 100, stepShare: 0.025 }, 'pgd-100-stepShare-0.025-dlr'],
    [{ name: 'pgd', restarts: 5 }, 'pgd-20-restarts-5'],
    [{ name: 'fgsm', loss: 'cw' }, 'fgsm-cw'],
    [{ name: 'apgd-t', targets: 3 }, 'apgd-t-100-targets-3'],
    [{ name: 'square', queries: 1000 }, 'square-1000'],
    [{ name: 'autoattack', queries: 1000 }, 'autoattack-queries-1000'],
    [{ name: 'pgd', id: 'mine', loss: 'cw' }, 'mine'],
  ])('calls %j %s', (written, id) => {
    expect(resolved(written)[0].id).toBe(id);
  });

  it('gives the registry its parameters and nothing else', () => {
    const [attack] = resolved({ name: 'square', queries: 7, id: 'few', epsilon: 0.2 });
    expect(attackOverrides(attack)).toEqual({ queries: 7, restarts: 1, squareShare: 0.8 });
  });

  it('lists weights once each, in one order', () => {
    const weights = (written: string[]) => conditionOf({ weights: written }).condition.evaluation.weights;
    expect(weights(['best', 'final'])).toEqual(['final', 'best']);
    expect(weights(['best', 'best'])).toEqual(['best']);
  });

  it('has a short name in tables', () => {
    expect(describeLevel('evaluation.attacks', resolved('autoattack', { name: 'pgd', loss: 'cw' }))).toBe(
      'autoattack+pgd-20-cw',
    );
    expect(describeLevel('evaluation.attacks', [])).toBe('no attacks');
  });
});

describe('a suite that cannot run', () => {
  it.each<[evaluation: Record<string, unknown>, field: string, says: string]>([
    [{ attacks: ['pgd', 'pgd'] }, 'evaluation.attacks[1].id', 'each id may stand once in the list, got "pgd"'],
    [
      { attacks: ['pgd', { name: 'square', id: 'pgd' }] },
      'evaluation.attacks[1].id',
      'each id may stand once in the list, got "pgd"',
    ],
    [
      { attacks: ['pgd', 'fgsm', { name: 'pgd', id: 'again' }] },
      'evaluation.attacks[2]',
      'is the same attack as "pgd", under another id, got "again"',
    ],
    [
      { attacks: [{ name: 'pgd', epsilon: 1.5 }] },
      'evaluation.attacks[0].epsilon',
      'must be at most 1 with norm "linf", got 1.5',
    ],
    [{ epsilon: 0, gates: true }, 'evaluation.gates', 'needs an evaluation.epsilon above 0, got true'],
  ])('%j', (evaluation, field, says) => {
    expect(conditionOf(evaluation).conflicts).toEqual([expect.objectContaining({ field, message: says })]);
  });

  it('does run with several of a kind, and with a large radius of l2', () => {
    const attacks = ['pgd', { name: 'pgd', loss: 'cw' }, { name: 'pgd', epsilon: 0.2 }, 'autoattack'];
    expect(conditionOf({ attacks, gates: true }).conflicts).toEqual([]);
    const l2 = { attack: { norm: 'l2', epsilon: 1.5 } };
    expect(conditionOf({ attacks: [{ name: 'pgd', epsilon: 3 }] }, l2).conflicts).toEqual([]);
  });

  it('aims at more classes than there are', () => {
    const refused = (classes: number) => {
      const attacks = [...EVALUATION_ATTACK_NAMES, { name: 'pgd', loss: 'dlr' }];
      const names: unknown[] = [];
      findAttackConflicts(conditionOf({ attacks }).condition, classes, (_field, value) => names.push(value));
      return names;
    };
    expect(refused(4)).toEqual([]);
    expect(refused(3)).toEqual(['apgd-t', 'autoattack']);
    expect(refused(2)).toEqual(['apgd-dlr', 'apgd-t', 'autoattack', 'pgd-20-dlr']);
  });
});

describe('a comparison of strong accuracy', () => {
  const grid = (metric: MetricName, evaluation: Record<string, unknown>, averaging = {}) =>
    expandGrid(
      parseGrid({
        name: 'grid',
        base: { evaluation, averaging },
        axes: { seedingMode: ['modern', 'inherited'] },
        seeds: [1],
        compare: { factor: 'seedingMode', baseline: 'modern', metric, margin: 0.01 },
      }),
    );

  it('needs the attacks, on the weights that it is about', () => {
    expect(() => grid('strongAccuracyFinal', {})).toThrow(
      'compare[0].metric: strongAccuracyFinal needs evaluation.attacks in every condition',
    );
    const attacks = ['pgd'];
    expect(() => grid('strongAccuracyBest', { attacks, weights: ['final'] })).toThrow(
      'strongAccuracyBest needs "best" among evaluation.weights in every condition',
    );
    expect(() => grid('strongAccuracyFinalWa', { attacks })).toThrow('needs averaging.decay above 0');
    expect(() => grid('strongAccuracyFinalWa', {}, { decay: 0.9 })).toThrow('needs evaluation.attacks');
    expect(grid('strongAccuracyFinal', { attacks, weights: ['final'] }).conditions).toHaveLength(2);
    expect(grid('strongAccuracyBestWa', { attacks }, { decay: 0.9 }).conditions).toHaveLength(2);
  });

  it('knows its weights', () => {
    expect(strongMetricWeights('strongAccuracyBestWa')).toBe('best');
    expect(strongMetricWeights('strongAccuracyFinal')).toBe('final');
    expect(strongMetricWeights('robustAccuracyBest')).toBeUndefined();
  });
});
