// What a grid may ask of an attack, against what the attacks' own registry takes: names, defaults and limits.
import { type Attack, AttackParameterError, attackNames, getAttack } from '@reseed/attacks';
import { catalogue, EVALUATION_ATTACK_NAMES } from '@reseed/experiment';
import { describe, expect, it } from 'vitest';

interface Parameter {
  readonly type: 'integer' | 'number' | 'string';
  readonly default: number | string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly string[];
}

/** The parameters of an attack as the catalogue describes them. */
function parametersOf(attack: string): Record<string, Parameter> {
  const schema = catalogue().attacks.find(({ name }) => name === attack)?.schema ?? {};
  const { name: _, id: __, epsilon: ___, ...parameters } = schema['properties'] as Record<string, Parameter>;
  return parameters;
}

function takes(attack: Attack, name: string, value: number | string): boolean {
  try {
    attack.stages({ [name]: value });
    return true;
  } catch (error) {
    if (error instanceof AttackParameterError) return false;
    throw error;
  }
}

it('are the same attacks', () => {
  expect(EVALUATION_ATTACK_NAMES).toEqual(attackNames);
});

describe.each(attackNames)('%s', (name) => {
  const attack = getAttack(name);
  const parameters = parametersOf(name);

  it('has the same parameters with the same defaults', () => {
    const defaults = Object.entries(parameters).map(([key, parameter]) => [key, parameter.default]);
    expect(Object.fromEntries(defaults)).toEqual(attack.defaults);
  });

  it.each(Object.entries(parameters))('takes %s up to the same limits', (key, parameter) => {
    if (parameter.type === 'string') {
      for (const value of parameter.enum ?? []) expect(takes(attack, key, value)).toBe(true);
      expect(takes(attack, key, 'mse')).toBe(false);
      return;
    }
    const step = parameter.type === 'integer' ? 1 : 1e-6;
    const [least, most] = [parameter.minimum as number, parameter.maximum as number];
    for (const value of [least, most]) expect(takes(attack, key, value)).toBe(true);
    for (const value of [least - step, most + step]) expect(takes(attack, key, value)).toBe(false);
    if (parameter.type === 'integer') expect(takes(attack, key, least + 0.5)).toBe(false);
  });
});
