// The axes of the evaluation suite: which strong attacks run on which trained weights, and how each is written out in full.
import { z } from 'zod';
import { axis, type Axis, readPath, type Resolved } from './axis.ts';
import {
  EVALUATION_ATTACK_NAMES,
  EVALUATION_ATTACK_SCHEMAS,
  type EvaluationAttackName,
} from './evaluation-attack-schemas.ts';

type SchemaNamed<N extends EvaluationAttackName> = (typeof EVALUATION_ATTACK_SCHEMAS)[N];
type Complete<T> = Omit<T, 'id' | 'epsilon'> & { readonly id: string; readonly epsilon: number };
type AttackNamed<N extends EvaluationAttackName> = Complete<z.output<SchemaNamed<N>>>;
/** One attack with all its parameters. */
export type EvaluationAttack = { [N in EvaluationAttackName]: AttackNamed<N> }[EvaluationAttackName];

type WrittenObject = { [N in EvaluationAttackName]: z.input<SchemaNamed<N>> }[EvaluationAttackName];
export type WrittenEvaluationAttack = EvaluationAttackName | WrittenObject;

const MOST_ATTACKS = 16;

const [first, ...others] = Object.values(EVALUATION_ATTACK_SCHEMAS);
const written = z.union([z.enum(EVALUATION_ATTACK_NAMES), z.discriminatedUnion('name', [first, ...others])]);
const listSchema = z.array(written).max(MOST_ATTACKS) as z.ZodType as z.ZodType<WrittenEvaluationAttack[]>;

export const EVALUATED = ['final', 'best'] as const;

/** The number that the literature puts behind an attack's name: PGD-20, Square-5000. */
const COUNTED: Partial<Record<EvaluationAttackName, 'steps' | 'queries'>> = {
  pgd: 'steps',
  'apgd-ce': 'steps',
  'apgd-dlr': 'steps',
  'apgd-t': 'steps',
  'fab-t': 'steps',
  square: 'queries',
};

/** The parameters of an attack by the names that its registry knows them by: without name, id and epsilon. */
export function attackOverrides({
  name: _,
  id: __,
  epsilon: ___,
  ...parameters
}: EvaluationAttack): Readonly<Record<string, number | string>> {
  return parameters;
}

/** `pgd`; with anything beside its defaults `pgd-20-cw`, `pgd-40-restarts-5`, `square-5000-epsilon-0.2`. */
function defaultId(name: EvaluationAttackName, parameters: Readonly<Record<string, number | string>>): string {
  const usual: Readonly<Record<string, unknown>> = EVALUATION_ATTACK_SCHEMAS[name].parse({ name });
  const differing = Object.entries(parameters).filter(([key, value]) => usual[key] !== value);
  if (differing.length === 0) return name;
  const counted = COUNTED[name];
  const parts = differing
    .filter(([key]) => key !== counted)
    .map(([key, value]) => (typeof value === 'string' ? value : `${key}-${value}`));
  return [name, ...(counted === undefined ? [] : [parameters[counted]]), ...parts].join('-');
}

function resolveAttack(given: WrittenEvaluationAttack, usualEpsilon: number): EvaluationAttack {
  const object: WrittenObject = typeof given === 'string' ? { name: given } : given;
  const { name, id, epsilon = usualEpsilon, ...parameters } = EVALUATION_ATTACK_SCHEMAS[object.name].parse(object);
  const differing = epsilon === usualEpsilon ? parameters : { ...parameters, epsilon };
  return { name, id: id ?? defaultId(name, differing), epsilon, ...parameters } as EvaluationAttack;
}

/** Turns what was written into the canonical form; only with their epsilon resolved can attacks be told apart. */
export function resolveAttacks(given: readonly WrittenEvaluationAttack[], soFar: Resolved): EvaluationAttack[] {
  const epsilon = readPath(soFar, 'evaluation.epsilon') as number;
  return given.map((attack) => resolveAttack(attack, epsilon));
}

/** The fewest classes that the losses of an attack compare. */
export function fewestClasses(attack: EvaluationAttack): 2 | 3 | 4 {
  switch (attack.name) {
    case 'fgsm':
    case 'pgd':
      return attack.loss === 'dlr' ? 3 : 2;
    case 'apgd-dlr':
      return 3;
    case 'apgd-t':
    case 'autoattack':
      return 4;
    case 'apgd-ce':
    case 'fab-t':
    case 'square':
      return 2;
  }
}

export const suite = {
  attacks: {
    ...axis(listSchema, [], {
      meaning:
        'Strong attacks on the trained weights, after training: names, or { name, …parameters }. An image is robust only if it survives all.',
      source: 'Croce & Hein 2020, arXiv:2003.01690',
    }),
    canonicalise: resolveAttacks,
  } satisfies Axis<WrittenEvaluationAttack[]>,
  weights: {
    ...axis(z.array(z.enum(EVALUATED)).min(1).max(EVALUATED.length), [...EVALUATED], {
      meaning:
        'Which weights evaluation.attacks and evaluation.gates run on: those after the last epoch, those of the best one. Averaged weights are attacked beside the raw ones where there are any.',
    }),
    canonicalise: (given) => EVALUATED.filter((name) => given.includes(name)),
  } satisfies Axis<(typeof EVALUATED)[number][]>,
  gates: axis(z.boolean(), false, {
    meaning:
      'Look for masked gradients on the same weights, as a defence that hides its gradients only looks robust: about 300 gradient steps and 1000 queries per image.',
    source: 'Athalye, Carlini & Wagner 2018, arXiv:1802.00420; Carlini et al. 2019, arXiv:1902.06705',
  }),
};
