// Every kernel that is native, by the name that tfjs-core calls it by.
import { combineElements } from './combine-elements.ts';
import { convolve, convolveToFilter, convolveToInput } from './convolve.ts';
import { BINARY_KERNELS, UNARY_KERNELS } from './kernel-names.ts';
import { castElements, mapElements, selectElements } from './map-elements.ts';
import { concatenate, pad, reverse, slice, split, transpose } from './move-elements.ts';
import { multiplyMatrices } from './multiply-matrices.ts';
import type { NativeKernel } from './native-kernel.ts';
import { PGD_STEP_LINF, pgdStepKernel } from './pgd-step-linf.ts';
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
  [PGD_STEP_LINF]: pgdStepKernel,
  Reshape: reshapeTensor,
  Reverse: reverse,
  Select: selectElements,
  Slice: slice,
  Softmax: softmax,
  SplitV: split,
  Sum: sumAxes,
  Transpose: transpose,
  UnsortedSegmentSum: sumSegments,
};
