// The floating-point operations that a training step needs by its mathematics: what a speed is held against a machine's.
import { type Condition, datasetTraits } from '@reseed/experiment';
import type { MultiplyAdds } from '@reseed/models';
import { buildNetwork } from './network.ts';

/** Methods whose step is an attack on the cross-entropy, then one pass for the weights. */
export const COUNTED_METHODS = ['plain', 'fgsm', 'pgd'] as const;
export type CountedMethod = (typeof COUNTED_METHODS)[number];

export interface CountedStep {
  readonly method: CountedMethod;
  /** Of the attack; plain has none. */
  readonly attackSteps: number;
  /** Images of the batch. */
  readonly batch: number;
}

/**
 * With M multiply-adds of an image's forward pass, P of them in the layers on the pixels, two operations each:
 *
 *     batch · (attackSteps · 2·(M + M) + 2·(M + M + M − P))
 *
 * A gradient at a layer's input, or at its weights, costs what its forward pass does. An attack step needs the forward
 * pass and every gradient at an input, down to the pixels; the step of the weights needs the forward pass, every gradient
 * at weights, and those at inputs but the pixels. Only convolutions and products count: not batch norm, activations,
 * pooling, the loss, the step of the attack and that of the optimiser, which take time and do not raise the rate. What an
 * algorithm saves (Winograd's) or adds is not counted either.
 */
export function countStepOperations(
  { forward, onPixels }: MultiplyAdds,
  { method, attackSteps, batch }: CountedStep,
): number {
  const ofAttack = method === 'plain' ? 0 : attackSteps * 2 * forward;
  return 2 * batch * (ofAttack + 3 * forward - onPixels);
}

export class UncountedMethodError extends RangeError {
  override readonly name = 'UncountedMethodError';
  constructor(readonly method: string) {
    super(`method: operations are counted for ${COUNTED_METHODS.join(', ')}, got "${method}"`);
  }
}

/** Of a training step of the condition. @throws UncountedMethodError */
export function stepOperationsOf(condition: Condition): number {
  const { method, attack, batchSize: batch } = condition;
  const counted = COUNTED_METHODS.find((name) => name === method);
  if (counted === undefined) throw new UncountedMethodError(method);
  const { multiplyAdds } = buildNetwork(condition, { ...datasetTraits(condition.dataset) });
  return countStepOperations(multiplyAdds, { method: counted, attackSteps: attack.steps, batch });
}
