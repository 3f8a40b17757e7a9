// Parameters that a caller overrides by name: which an attack has, and what each may be.
import { AttackParameterError, UnknownParameterError } from './errors.ts';
import { lossNames } from './image-loss.ts';

export type ParameterValue = number | string;
export type ParameterOverrides = Readonly<Record<string, ParameterValue>>;

interface Rule {
  readonly allowed: string;
  readonly accepts: (value: ParameterValue) => boolean;
}

function wholeFrom(least: number): Rule {
  return {
    allowed: `a whole number of at least ${least}`,
    accepts: (value) => Number.isInteger(value) && Number(value) >= least,
  };
}

const SHARE: Rule = {
  allowed: 'a number from 0 to 1',
  accepts: (value) => typeof value === 'number' && value >= 0 && value <= 1,
};

const LARGEST_RESTARTS = 0x100;

const RULES: Readonly<Record<string, Rule>> = {
  steps: wholeFrom(0),
  queries: wholeFrom(0),
  targets: wholeFrom(1),
  restarts: {
    allowed: `a whole number from 1 to ${LARGEST_RESTARTS}`,
    accepts: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= LARGEST_RESTARTS,
  },
  stepShare: {
    allowed: 'a number of at least 0',
    accepts: (value) => Number.isFinite(value) && Number(value) >= 0,
  },
  eta: { allowed: 'a number of at least 1', accepts: (value) => Number.isFinite(value) && Number(value) >= 1 },
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
