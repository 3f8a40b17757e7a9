// Steps of optimisers over the flat vector of all weights.
import type { AdamStepAttrs, AdamStepInputs, SgdStepAttrs, SgdStepInputs } from '@reseed/fused-kernels';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { NativeBackend } from './native-backend.ts';
import type { KernelCall } from './native-kernel.ts';

/** New weights and velocity. */
export function stepBySgd(
  backend: NativeBackend,
  { inputs, attrs }: KernelCall<SgdStepInputs, SgdStepAttrs>,
): TensorInfo[] {
  const { weights, gradient } = inputs;
  const velocity = inputs.velocity as TensorInfo | undefined;
  const results = [backend.allocate(weights.shape), backend.allocate(weights.shape)];
  backend.addon.sgdStep(
    backend.values(weights),
    backend.values(gradient),
    velocity === undefined ? null : backend.values(velocity),
    ...results.map((tensor) => backend.values(tensor)),
    weights.shape[0],
    attrs.learningRate,
    attrs.momentum,
    attrs.weightDecay,
    attrs.nesterov ? 1 : 0,
  );
  return results;
}

/** New weights and moments. */
export function stepByAdam(
  backend: NativeBackend,
  { inputs: { weights, gradient, first, second }, attrs }: KernelCall<AdamStepInputs, AdamStepAttrs>,
): TensorInfo[] {
  const results = [weights, first, second].map(({ shape }) => backend.allocate(shape));
  const arrays = [weights, gradient, first, second, ...results].map((tensor) => backend.values(tensor));
  const { rate, weightDecay, beta1, beta2, correction, epsilon } = attrs;
  backend.addon.adamStep(...arrays, weights.shape[0], rate, weightDecay, beta1, beta2, correction, epsilon);
  return results;
}
