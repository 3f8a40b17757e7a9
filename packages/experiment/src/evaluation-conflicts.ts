// Finds why an evaluation suite cannot run: attacks that stand twice, need more classes, or leave the pixel range.
import { attackOverrides, type EvaluationAttack, fewestClasses } from './evaluation-attacks.ts';
import type { Conflict } from './grid-error.ts';
import type { Condition } from './parameters.ts';
import { canonicalJson } from './run-spec.ts';

type Evaluated = Pick<Condition, 'attack' | 'evaluation'>;

/** What an attack does, whatever it is called. */
const actionOf = (attack: EvaluationAttack): string =>
  canonicalJson({ name: attack.name, epsilon: attack.epsilon, ...attackOverrides(attack) });

/** @param classes of the dataset */
export function findAttackConflicts({ attack, evaluation }: Evaluated, classes: number, conflict: Conflict): void {
  const seen = new Map<string, string>();
  const ids = new Set<string>();
  evaluation.attacks.forEach((one, index) => {
    const field = `evaluation.attacks[${index}]`;
    const twin = seen.get(actionOf(one));
    if (ids.has(one.id)) conflict(`${field}.id`, one.id, 'each id may stand once in the list');
    else if (twin !== undefined) conflict(field, one.id, `is the same attack as "${twin}", under another id`);
    ids.add(one.id);
    seen.set(actionOf(one), one.id);
    const fewest = fewestClasses(one);
    if (fewest > classes) conflict(field, one.id, `needs at least ${fewest} classes, and the dataset has ${classes}`);
    if (attack.norm === 'linf' && one.epsilon > 1 && one.epsilon !== evaluation.epsilon)
      conflict(`${field}.epsilon`, one.epsilon, 'must be at most 1 with norm "linf"');
  });
  if (evaluation.gates && evaluation.epsilon === 0)
    conflict('evaluation.gates', true, 'needs an evaluation.epsilon above 0');
}
