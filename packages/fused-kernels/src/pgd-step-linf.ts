// The signed-gradient step of an Linf attack, projected onto ball and box in one pass.
import { engine, type Tensor, type TensorInfo, util } from '@tensorflow/tfjs-core';

export const PGD_STEP_LINF = 'PgdStepLinf';

export interface PgdStepInputs {
  readonly adversarial: TensorInfo;
  readonly gradient: TensorInfo;
  readonly clean: TensorInfo;
}

export interface PgdStepAttrs {
  readonly stepSize: number;
  readonly epsilon: number;
}

/**
 * clip(clip(adversarial + stepSize sign(gradient), clean - epsilon, clean + epsilon), 0, 1) in float32, element by
 * element; a NaN in the gradient stays one. The three tensors have one shape; sizes are in units of the pixels.
 * Source: Madry et al. 2018, section 2.1.
 */
export function pgdStepLinf<T extends Tensor>(
  { adversarial, gradient, clean }: { readonly adversarial: T; readonly gradient: T; readonly clean: T },
  { stepSize, epsilon }: PgdStepAttrs,
): T {
  util.assertShapesMatch(adversarial.shape, gradient.shape, 'pgdStepLinf: gradient: ');
  util.assertShapesMatch(adversarial.shape, clean.shape, 'pgdStepLinf: clean: ');
  return engine().runKernel(PGD_STEP_LINF, { adversarial, gradient, clean }, { stepSize, epsilon }) as T;
}
