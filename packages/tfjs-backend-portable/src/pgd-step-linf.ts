// The signed-gradient step of an Linf attack, projected onto ball and box in one pass.
import type { PgdStepAttrs, PgdStepInputs } from '@reseed/fused-kernels';
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { KernelCall, KernelModule } from './kernel-module.ts';

export function pgdStepLinf(
  module: KernelModule,
  { inputs, attrs }: KernelCall<PgdStepInputs, PgdStepAttrs>,
): TensorInfo {
  const { adversarial, gradient, clean } = inputs;
  const out = module.allocate(adversarial.shape);
  module.native.stepAndProject(
    module.address(adversarial),
    module.address(gradient),
    module.address(clean),
    module.address(out),
    util.sizeFromShape(adversarial.shape),
    attrs.stepSize,
    attrs.epsilon,
  );
  return out;
}
