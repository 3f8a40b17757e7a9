// The signed-gradient step of an Linf attack, projected onto ball and box in one pass.
import { engine, type Tensor, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { KernelCall, KernelModule } from './kernel-module.ts';

export const PGD_STEP_LINF = 'PgdStepLinf';

interface PgdStepInputs {
  readonly adversarial: TensorInfo;
  readonly gradient: TensorInfo;
  readonly clean: TensorInfo;
}

interface PgdStepAttrs {
  readonly stepSize: number;
  readonly epsilon: number;
}

/**
 * clip(clip(adversarial + stepSize sign(gradient), clean - epsilon, clean + epsilon), 0, 1) in float32, element by
 * element; a NaN in the gradient stays one. The three tensors have one shape; sizes are in units of the pixels.
 * Needs installPortableBackend. Source: Madry et al. 2018, section 2.1.
 */
export function pgdStepLinf<T extends Tensor>(
  adversarial: T,
  gradient: T,
  clean: T,
  stepSize: number,
  epsilon: number,
): T {
  util.assertShapesMatch(adversarial.shape, gradient.shape, 'pgdStepLinf: gradient: ');
  util.assertShapesMatch(adversarial.shape, clean.shape, 'pgdStepLinf: clean: ');
  return engine().runKernel(PGD_STEP_LINF, { adversarial, gradient, clean }, { stepSize, epsilon }) as T;
}

export function pgdStepKernel(
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
