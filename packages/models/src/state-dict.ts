// The tensors of a model as PyTorch's state_dict lists them: parameters, running statistics and what else the class keeps.
import type { Normalisation } from './layer.ts';

/** Where the values of an entry come from: a position in the model's lists, or a constant. */
export type StateSource =
  | { readonly kind: 'parameter'; readonly position: number }
  | { readonly kind: 'buffer'; readonly position: number }
  /** `num_batches_tracked`, a 64-bit integer that nothing here reads. */
  | { readonly kind: 'batches_tracked' }
  /** The normalisation, float32 values. */
  | { readonly kind: 'constant'; readonly values: Float32Array };

export interface StateEntry {
  readonly name: string;
  /** PyTorch's */
  readonly shape: readonly number[];
  readonly source: StateSource;
}

/** The entries of a normalisation that the reference class registers as buffers of shape C·1·1. */
export function normalisationEntries(
  names: { readonly mean: string; readonly std: string },
  channels: number,
  { mean, std }: Normalisation,
): StateEntry[] {
  const entry = (name: string, values: readonly number[]): StateEntry => ({
    name,
    shape: [channels, 1, 1],
    source: { kind: 'constant', values: Float32Array.from(values) },
  });
  return [entry(names.mean, mean), entry(names.std, std)];
}

/** Weights and running statistics interleaved as the state_dict has them: what `weightHash` is taken over. */
export function interleave<T>(state: readonly StateEntry[], weights: readonly T[], buffers: readonly T[]): T[] {
  return state.flatMap(({ source }) => {
    switch (source.kind) {
      case 'parameter':
        return [weights[source.position]];
      case 'buffer':
        return [buffers[source.position]];
      case 'batches_tracked':
      case 'constant':
        return [];
    }
  });
}
