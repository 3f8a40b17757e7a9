// Every attack by name, with its paper and default parameters: what a command line lists and an evaluation runs.
import { apgdStage, targetedApgdStage } from './apgd-stages.ts';
import type { AttackName, Stage } from './attack-batch.ts';
import { type ParameterOverrides, type ParameterValue, resolveParameters } from './attack-parameters.ts';
import { UnknownAttackError } from './errors.ts';
import { fabStage } from './fab.ts';
import { fgsmStage, pgdStage, type PgdParameters } from './pgd.ts';
import { squareStage } from './square.ts';

export interface Attack {
  readonly name: AttackName;
  readonly paper: string;
  readonly defaults: Readonly<Record<string, ParameterValue>>;
  /**
   * The stages to run in this order.
   * @throws UnknownParameterError, AttackParameterError for an override that the attack does not take
   */
  readonly stages: (overrides?: ParameterOverrides) => readonly Stage[];
}

function define<P extends Record<keyof P, ParameterValue>>(
  name: AttackName,
  paper: string,
  defaults: P,
  stagesOf: (parameters: P) => readonly Stage[],
): Attack {
  return {
    name,
    paper,
    defaults,
    stages: (overrides = {}) => stagesOf(resolveParameters(name, defaults, overrides)),
  };
}

const RELIABLE = 'Croce & Hein 2020, Reliable evaluation of adversarial robustness (arXiv:2003.01690)';
const ADAPTIVE = 'Croce & Hein 2020, Minimally distorted adversarial examples (arXiv:1907.02044)';
const SQUARE = 'Andriushchenko et al. 2020, Square Attack (arXiv:1912.00049)';

const APGD = { steps: 100, restarts: 1 };
const TARGETED = { ...APGD, targets: 9 };
const FAB = { ...TARGETED, alphaMax: 0.1, eta: 1.05, beta: 0.9 };
const QUERIES = { queries: 5000, restarts: 1, squareShare: 0.8 };
const PGD: PgdParameters = { steps: 20, restarts: 1, stepShare: 0.25, loss: 'ce' };

const ATTACKS: Readonly<Record<AttackName, Attack>> = {
  fgsm: define('fgsm', 'Goodfellow et al. 2015 (arXiv:1412.6572)', { loss: PGD.loss }, (p) => [fgsmStage(p)]),
  pgd: define('pgd', 'Madry et al. 2018 (arXiv:1706.06083)', PGD, (p) => [pgdStage(p)]),
  'apgd-ce': define('apgd-ce', RELIABLE, APGD, (p) => [apgdStage('apgd-ce', p)]),
  'apgd-dlr': define('apgd-dlr', RELIABLE, APGD, (p) => [apgdStage('apgd-dlr', p)]),
  'apgd-t': define('apgd-t', RELIABLE, TARGETED, (p) => [targetedApgdStage(p)]),
  'fab-t': define('fab-t', ADAPTIVE, FAB, (p) => [fabStage(p)]),
  square: define('square', SQUARE, QUERIES, (p) => [squareStage(p)]),
  autoattack: define('autoattack', RELIABLE, { ...TARGETED, queries: QUERIES.queries }, (p) => [
    apgdStage('apgd-ce', p),
    targetedApgdStage(p),
    fabStage({ ...FAB, ...p }),
    squareStage({ ...QUERIES, ...p }),
  ]),
};

export const attackNames = Object.keys(ATTACKS) as readonly AttackName[];

/** @throws UnknownAttackError */
export function getAttack(name: string): Attack {
  if (!Object.hasOwn(ATTACKS, name)) throw new UnknownAttackError(name, attackNames);
  return ATTACKS[name as AttackName];
}
