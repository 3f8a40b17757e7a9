// The signed-gradient step of an Linf attack, projected onto ball and box in one pass.
import type { PgdStepAttrs, PgdStepInputs } from '@reseed/fused-kernels';
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { NativeBackend } from './native-backend.ts';
import type { KernelCall } from './native-kernel.ts';

export function pgdStepLinf(
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
