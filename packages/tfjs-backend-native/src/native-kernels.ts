// Every kernel that is native, by the name that tfjs-core calls it by.
import {
  ADAM_STEP,
  BATCH_NORM,
  BATCH_NORM_GRADIENT,
  CONVOLUTION_BIAS,
  PGD_STEP_LINF,
  RELU_GRADIENT,
  RUNNING_NORM,
  SGD_STEP,
} from '@reseed/fused-kernels';
import { batchNormGradient, normaliseByBatch, normaliseByRunning } from './batch-norm.ts';
import { combineElements, reluGradient } from './combine-elements.ts';
import { convolve, convolveToFilter, convolveToInput } from './convolve.ts';
import { BINARY_KERNELS, UNARY_KERNELS } from './kernel-names.ts';
import { castElements, mapElements, selectElements } from './map-elements.ts';
import { concatenate, pad, reverse, slice, split, transpose } from './move-elements.ts';
import { multiplyMatrices } from './multiply-matrices.ts';
import type { NativeKernel } from './native-kernel.ts';
import { stepByAdam, stepBySgd } from './optimizer-step.ts';
import { pgdStepLinf } from './pgd-step-linf.ts';
import { gatherRows, sumSegments } from './pick-rows.ts';
import { averagePool, averagePoolGradient, maxPool, maxPoolGradient } from './pool.ts';
import { argMax, extremeAlongAxes, meanAxes, softmax, sumAxes } from './reduce-axes.ts';
import { reshapeTensor, shareTensor } from './share-tensor.ts';

export const nativeKernels: Readonly<Record<string, NativeKernel>> = {
  ...Object.fromEntries(BINARY_KERNELS.map((name) => [name, combineElements(name)])),
  ...Object.fromEntries(UNARY_KERNELS.map((name) => [name, mapElements(name)])),
  _FusedMatMul: multiplyMatrices,
  ArgMax: argMax,
  AvgPool: averagePool,
  AvgPoolGrad: averagePoolGradient,
  BatchMatMul: multiplyMatrices,
  Cast: castElements,
  Concat: concatenate,
  Conv2D: convolve,
  Conv2DBackpropFilter: convolveToFilter,
  Conv2DBackpropInput: convolveToInput,
  FusedConv2D: convolve,
  GatherV2: gatherRows,
  Identity: shareTensor,
  Max: extremeAlongAxes('Max'),
  MaxPool: maxPool,
  MaxPoolGrad: maxPoolGradient,
  Mean: meanAxes,
  Min: extremeAlongAxes('Min'),
  PadV2: pad,
  Reshape: reshapeTensor,
  Reverse: reverse,
  Select: selectElements,
  Slice: slice,
  Softmax: softmax,
  SplitV: split,
  Sum: sumAxes,
  Transpose: transpose,
  UnsortedSegmentSum: sumSegments,
  [ADAM_STEP]: stepByAdam,
  [BATCH_NORM]: normaliseByBatch,
  [BATCH_NORM_GRADIENT]: batchNormGradient,
  [CONVOLUTION_BIAS]: convolve,
  [PGD_STEP_LINF]: pgdStepLinf,
  [RELU_GRADIENT]: reluGradient,
  [RUNNING_NORM]: normaliseByRunning,
  [SGD_STEP]: stepBySgd,
};
