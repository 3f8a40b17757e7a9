// The weights of the epoch with the highest validation robust accuracy; on ties the earliest epoch stays.
import { copyValues, disposeValues, type ModelValues } from './network.ts';

export interface BestSoFar {
  /** from 0 */
  readonly epoch: number;
  readonly validationRobustAccuracy: number;
  readonly values: ModelValues;
}

export class BestWeights {
  #best: BestSoFar | undefined;

  /** @param saved of a run that goes on; its values are this object's from now on */
  constructor(saved?: BestSoFar) {
    this.#best = saved;
  }

  /** Keeps a copy of `values` when they beat every earlier offer. */
  offer(epoch: number, validationRobustAccuracy: number, values: ModelValues): void {
    if (this.#best !== undefined && validationRobustAccuracy <= this.#best.validationRobustAccuracy) return;
    this.dispose();
    this.#best = { epoch, validationRobustAccuracy, values: copyValues(values) };
  }

  /** undefined before the first offer; the values live until a better one. */
  get best(): BestSoFar | undefined {
    return this.#best;
  }

  /** The best epoch so far, from 0; −1 before the first offer. */
  get epoch(): number {
    return this.#best?.epoch ?? -1;
  }

  /** @throws TypeError before the first offer */
  get values(): ModelValues {
    if (this.#best === undefined) throw new TypeError('no weights have been offered yet');
    return this.#best.values;
  }

  dispose(): void {
    if (this.#best !== undefined) disposeValues(this.#best.values);
    this.#best = undefined;
  }
}
