// Names levels in short, for tables, plots and logs.
import { type Augmentation, describeAugmentation } from './augmentation-parameters.ts';
import type { EvaluationAttack } from './evaluation-attacks.ts';

const describeAttacks = (attacks: readonly EvaluationAttack[]): string =>
  attacks.length === 0 ? 'no attacks' : attacks.map(({ id }) => id).join('+');

/** One value of one axis: `pad_crop(pad=1)`, `modern`, `0.1`. */
export function describeLevel(path: string, value: unknown): string {
  if (path === 'augmentation') return describeAugmentation(value as Augmentation);
  if (path === 'evaluation.attacks') return describeAttacks(value as EvaluationAttack[]);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The levels of a condition: `pad_crop(pad=1), modern, attack.epsilon=0.1`; names speak for themselves, numbers do not. */
export function describeLevels(levels: Readonly<Record<string, unknown>>): string {
  return Object.entries(levels)
    .map(([path, value]) => {
      const text = describeLevel(path, value);
      return typeof value === 'number' || typeof value === 'boolean' ? `${path}=${text}` : text;
    })
    .join(', ');
}
