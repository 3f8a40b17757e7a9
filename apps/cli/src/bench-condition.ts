// What a speed benchmark trains: a model on images of the shape that it was published for, plain SGD with momentum.
import {
  type Condition,
  MODEL_FACTS,
  MODEL_NAMES,
  type ModelName,
  nearestName,
  resolveCondition,
} from '@reseed/experiment';
import type { CountedMethod } from '@reseed/training';

/** The part of a benchmark that both sides of a comparison share. */
export interface BenchWork {
  readonly model: ModelName;
  readonly method: CountedMethod;
  /** Of the attack of pgd; fgsm takes one, plain none. */
  readonly steps: number;
  /** Images of a step. */
  readonly batch: number;
}

export class UnknownModelError extends Error {
  override readonly name = 'UnknownModelError';
  constructor(
    readonly model: string,
    known: readonly string[],
  ) {
    const nearest = nearestName(model, known);
    const hint = nearest === undefined ? `known are ${known.join(', ')}` : `did you mean "${nearest}"?`;
    super(`--model: no benchmark of "${model}"; ${hint}`);
  }
}

/**
 * The literature says "the MNIST network of Madry et al."; the registry says madry-cnn.
 * @param known the models that can be chosen from
 * @throws UnknownModelError
 */
export function benchModel(name: string, known: readonly ModelName[] = MODEL_NAMES): ModelName {
  const found = known.find((model) => model === (name === 'madry' ? 'madry-cnn' : name));
  if (found === undefined) throw new UnknownModelError(name, ['madry', ...known]);
  return found;
}

/** Usual on MNIST and on CIFAR; the speed does not depend on them. */
const EPSILON = { grey: 0.3, colour: 8 / 255 } as const;

/** test/bench/torch-twin.py has the same numbers. */
export function benchCondition({ model, method, steps, batch }: BenchWork): Condition {
  const kind = MODEL_FACTS[model].imageShape[2] === 1 ? 'grey' : 'colour';
  const { condition } = resolveCondition({
    dataset: { name: kind === 'grey' ? 'mnist' : 'cifar10' },
    model,
    method,
    normalisation: 'none',
    batchSize: batch,
    attack: { epsilon: EPSILON[kind], ...(method === 'pgd' ? { steps } : {}) },
    // Slow enough not to diverge on random labels, whatever the number of steps.
    optimizer: { name: 'sgd', learningRate: 0.001, momentum: 0.9, weightDecay: 5e-4 },
    schedule: { name: 'constant' },
    warmup: { epsilonFraction: 0 },
  });
  return condition;
}

/** Gradient steps that the attack of the work takes. */
export function attackSteps({ method, steps }: Pick<BenchWork, 'method' | 'steps'>): number {
  switch (method) {
    case 'plain':
      return 0;
    case 'fgsm':
      return 1;
    case 'pgd':
      return steps;
  }
}
