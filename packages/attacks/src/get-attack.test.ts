// The registry: names, defaults of the published protocols, and what overrides it refuses.
import { describe, expect, it } from 'vitest';
import { AttackParameterError, UnknownAttackError, UnknownParameterError } from './errors.ts';
import { attackNames, getAttack } from './get-attack.ts';

describe('getAttack', () => {
  it('knows every attack, with its paper and defaults', () => {
    expect(attackNames).toEqual(['fgsm', 'pgd', 'apgd-ce', 'apgd-dlr', 'apgd-t', 'fab-t', 'square', 'autoattack']);
    for (const name of attackNames)
      expect(getAttack(name)).toMatchObject({ name, paper: expect.stringContaining('20') });
    expect(getAttack('autoattack').defaults).toEqual({ steps: 100, restarts: 1, targets: 9, queries: 5000 });
    const fab = { steps: 100, restarts: 1, targets: 9, alphaMax: 0.1, eta: 1.05, beta: 0.9 };
    expect(getAttack('fab-t').defaults).toEqual(fab);
    expect(getAttack('square').defaults).toEqual({ queries: 5000, restarts: 1, squareShare: 0.8 });
  });

  it('takes nine targets, or all wrong classes where there are fewer', () => {
    const [stage] = getAttack('apgd-t').stages({ restarts: 2 });
    expect(stage.rounds(1000)).toHaveLength(18);
    expect(stage.rounds(5).map(({ target }) => target)).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
  });

  it('refuses unknown names and values', () => {
    expect(() => getAttack('pgd-50')).toThrow(UnknownAttackError);
    expect(() => getAttack('toString')).toThrow(UnknownAttackError);
    expect(() => getAttack('fgsm').stages({ steps: 3 })).toThrow(UnknownParameterError);
    const wrong: [string, string, number | string][] = [
      ['pgd', 'steps', 1.5],
      ['pgd', 'restarts', 0],
      ['pgd', 'restarts', 257],
      ['pgd', 'loss', 'mse'],
      ['pgd', 'stepShare', Number.NaN],
      ['fab-t', 'alphaMax', 1.1],
      ['fab-t', 'eta', 0.9],
      ['square', 'queries', '5'],
    ];
    for (const [name, parameter, value] of wrong) {
      expect(() => getAttack(name).stages({ [parameter]: value }), `${name} ${parameter}`).toThrow(
        AttackParameterError,
      );
    }
  });
});
