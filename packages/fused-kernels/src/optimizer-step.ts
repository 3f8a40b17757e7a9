// A step of an optimiser over the flat vector of all weights, in one pass.
import { engine, type Tensor1D, type TensorInfo } from '@tensorflow/tfjs-core';

/** [weights, velocity] */
export const SGD_STEP = 'SgdStep';
/** [weights, first moment, second moment] */
export const ADAM_STEP = 'AdamStep';

/** All of one length; a first step has no velocity. */
export interface SgdStepInputs {
  readonly weights: TensorInfo;
  readonly gradient: TensorInfo;
  readonly velocity?: TensorInfo;
}

export interface SgdStepAttrs {
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
}

export interface AdamStepInputs {
  readonly weights: TensorInfo;
  readonly gradient: TensorInfo;
  readonly first: TensorInfo;
  readonly second: TensorInfo;
}

export interface AdamStepAttrs {
  /** the learning rate over 1 − β₁ᵗ */
  readonly rate: number;
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  /** √(1 − β₂ᵗ) */
  readonly correction: number;
  readonly epsilon: number;
}

type Vectors<Inputs> = { readonly [K in keyof Inputs]: Tensor1D };

/** g = gradient + λ·weights; v = μ·velocity + g; weights − η·v, with Nesterov − η·(g + μ·v). Source: torch.optim.SGD. */
export function sgdStep(inputs: Vectors<SgdStepInputs>, attrs: SgdStepAttrs): [weights: Tensor1D, velocity: Tensor1D] {
  return engine().runKernel(SGD_STEP, { ...inputs }, { ...attrs }) as [Tensor1D, Tensor1D];
}

/** Kingma & Ba 2015, with g = gradient + λ·weights and ε beside the corrected root. Source: torch.optim.Adam. */
export function adamStep(
  inputs: Vectors<AdamStepInputs>,
  attrs: AdamStepAttrs,
): [weights: Tensor1D, first: Tensor1D, second: Tensor1D] {
  return engine().runKernel(ADAM_STEP, { ...inputs }, { ...attrs }) as [Tensor1D, Tensor1D, Tensor1D];
}
