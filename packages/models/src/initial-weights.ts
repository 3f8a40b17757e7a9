// How weights start: PyTorch's default U(±1/√fan_in), He et al. 2015 (arXiv:1502.01852) or a constant, each tensor from its
// own named stream.
import { initStream, type NumpyRandomState } from '@reseed/rng';
import type { InitialRule, TrainableTensor } from './tensor-layout.ts';

/**
 * The initial values in PyTorch's layout, in state_dict order; each is drawn as a double and rounded once to float32.
 * @param seed 0…2^32−1
 */
export function initialWeights(tensors: readonly TrainableTensor[], seed: number): Float32Array[] {
  return tensors.map(({ size, initial }, position) => {
    const values = new Float32Array(size);
    if (initial.kind === 'constant') return values.fill(initial.value);
    const stream = initStream(seed, position);
    for (let i = 0; i < size; i += 1) values[i] = draw(stream, initial);
    return values;
  });
}

function draw(stream: NumpyRandomState, rule: Exclude<InitialRule, { kind: 'constant' }>): number {
  switch (rule.kind) {
    case 'uniform':
      return stream.uniform(-rule.bound, rule.bound);
    case 'normal':
      return stream.standardNormal() * rule.deviation;
  }
}
