export {
  BATCH_NORM,
  BATCH_NORM_GRADIENT,
  type BatchNormAttrs,
  type BatchNormGradientAttrs,
  type BatchNormGradientInputs,
  type BatchNormInputs,
  batchNorm,
  RUNNING_NORM,
  type RunningNormInputs,
  runningNorm,
} from './batch-norm.ts';
export { CONVOLUTION_RELU, type ConvolutionReluInputs, convolutionRelu } from './convolution-relu.ts';
export { PGD_STEP_LINF, type PgdStepAttrs, type PgdStepInputs, pgdStepLinf } from './pgd-step-linf.ts';
export { RELU_GRADIENT, type ReluGradientInputs } from './relu-gradient.ts';
export { isServed } from './is-served.ts';
