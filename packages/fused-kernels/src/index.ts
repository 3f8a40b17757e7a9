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
export { CONVOLUTION_BIAS, type ConvolutionBiasInputs, convolutionBias } from './convolution-bias.ts';
export {
  ADAM_STEP,
  type AdamStepAttrs,
  type AdamStepInputs,
  adamStep,
  SGD_STEP,
  type SgdStepAttrs,
  type SgdStepInputs,
  sgdStep,
} from './optimizer-step.ts';
export { PGD_STEP_LINF, type PgdStepAttrs, type PgdStepInputs, pgdStepLinf } from './pgd-step-linf.ts';
export { RELU_GRADIENT, type ReluGradientInputs, reluInOnePass } from './relu-gradient.ts';
export { isServed } from './is-served.ts';
