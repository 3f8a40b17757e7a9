// Parameters that a caller overrides by name: which an attack has, and what each may be.
import { AttackParameterError, UnknownParameterError } from './errors.ts';
import { lossNames } from './image-loss.ts';

export type ParameterValue = number | string;
export type ParameterOverrides = Readonly<Record<string, ParameterValue>>;

interface Rule {
  readonly allowed: string;
  readonly accepts: (value: ParameterValue) => boolean;
}

function whole(least: number, most: number): Rule {
  return {
    allowed: `a whole number from ${least} to ${most}`,
    accepts: (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
  };
}

function between(least: number, most: number): Rule {
  return {
    allowed: `a number from ${least} to ${most}`,
    accepts: (value) => typeof value === 'number' && value >= least && value <= most,
  };
}

const SHARE = between(0, 1);

// The restarts of a target, and the targets of an attack, have room for as many streams (evaluation-noise.ts).
const RULES: Readonly<Record<string, Rule>> = {
  steps: whole(0, 10_000),
  queries: whole(0, 1_000_000),
  targets: whole(1, 0xff),
  restarts: whole(1, 0x100),
  stepShare: between(0, 100),
  eta: between(1, 10),
  alphaMax: SHARE,
  beta: SHARE,
  squareShare: SHARE,
  loss: {
    allowed: `one of ${lossNames.join(', ')}`,
    accepts: (value) => (lossNames as readonly ParameterValue[]).includes(value),
  },
};

/**
 * The defaults with the overrides in their place.
 * @throws UnknownParameterError, AttackParameterError
 */
export function resolveParameters<P extends Record<keyof P, ParameterValue>>(
  attack: string,
  defaults: P,
  overrides: ParameterOverrides,
): P {
  for (const [name, value] of Object.entries(overrides)) {
    if (!Object.hasOwn(defaults, name)) throw new UnknownParameterError(attack, name, Object.keys(defaults));
    const rule = RULES[name];
    if (!rule.accepts(value)) throw new AttackParameterError(attack, name, value, rule.allowed);
  }
  return { ...defaults, ...overrides };
}
