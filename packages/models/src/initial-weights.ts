// PyTorch's default initialisation, U(−1/√fan_in, 1/√fan_in), with each tensor drawn from its own named stream.
import { initStream } from '@reseed/rng';
import type { TrainableTensor } from './tensor-layout.ts';

/**
 * The initial values in PyTorch's layout, in state_dict order; each is drawn as a double and rounded once to float32.
 * @param seed 0…2^32−1
 */
export function initialWeights(tensors: readonly TrainableTensor[], seed: number): Float32Array[] {
  return tensors.map(({ size, fanIn }, position) => {
    const bound = 1 / Math.sqrt(fanIn);
    const stream = initStream(seed, position);
    const values = new Float32Array(size);
    for (let i = 0; i < size; i += 1) values[i] = stream.uniform(-bound, bound);
    return values;
  });
}
