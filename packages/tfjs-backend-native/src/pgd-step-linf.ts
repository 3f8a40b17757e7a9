// The signed-gradient step of an Linf attack, projected onto ball and box in one pass.
import { engine, type Tensor, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { NativeBackend } from './native-backend.ts';
import type { KernelCall } from './native-kernel.ts';

/** The same name as in the portable backend: whoever calls it by name gets that of the backend in use. */
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
 * Source: Madry et al. 2018, section 2.1.
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
  backend: NativeBackend,
  { inputs, attrs }: KernelCall<PgdStepInputs, PgdStepAttrs>,
): TensorInfo {
  const { adversarial, gradient, clean } = inputs;
  const out = backend.allocate(adversarial.shape);
  const [x, slope, centre] = [adversarial, gradient, clean].map((tensor) => backend.values(tensor));
  const size = util.sizeFromShape(adversarial.shape);
  backend.addon.pgdStepLinf(x, slope, centre, backend.values(out), size, attrs.stepSize, attrs.epsilon);
  return out;
}
