// A convolution with PyTorch's zero padding, on backends that have a gradient for it and on those that do not.
import { CONVOLUTION_BIAS, convolutionBias, isServed } from '@reseed/fused-kernels';
import * as tf from '@tensorflow/tfjs-core';
import type { Padding } from './layer.ts';
import { type Activation, sides } from './plan-layers.ts';

export interface Convolution {
  /** n·H·W·I */
  readonly x: tf.Tensor4D;
  /** H·W·I·O */
  readonly filter: tf.Tensor4D;
  readonly bias?: tf.Tensor1D;
  readonly strides: number;
  readonly padding: Padding;
  readonly activation: Activation;
}

/**
 * Who adds the border of zeros: the convolution itself (`convolution`; 2.5 times faster forward on WASM, where padding a
 * tensor is slow) or a step before it (`image`).
 */
export type BorderAddedBy = 'convolution' | 'image';

/** The native TensorFlow backends compute explicit padding forward and refuse it in both gradients (tfjs-node 4.22). */
export const borderAddedBy = (backend: string): BorderAddedBy => (backend === 'tensorflow' ? 'image' : 'convolution');

/** Convolution, bias and activation. `padding: 'same'` would not do: with stride 2 it pads at the bottom and right only. */
export function convolve({ x, padding, ...convolution }: Convolution, border: BorderAddedBy): tf.Tensor4D {
  const [before, after] = sides(padding);
  const margins: [number, number][] = [
    [0, 0],
    [before, after],
    [before, after],
    [0, 0],
  ];
  switch (border) {
    case 'convolution':
      return apply(convolution, x, margins as tf.backend_util.ExplicitPadding);
    case 'image':
      return apply(convolution, before + after === 0 ? x : tf.pad(x, margins), 'valid');
  }
}

/**
 * Fused where a relu follows. Without one the gradient of a fused convolution computes every derivative, also those of
 * weights that an attack does not ask for.
 */
function apply(
  { filter, bias, strides, activation }: Omit<Convolution, 'x' | 'padding'>,
  x: tf.Tensor4D,
  pad: tf.backend_util.ExplicitPadding | 'valid',
): tf.Tensor4D {
  if (bias !== undefined && isServed(CONVOLUTION_BIAS))
    return convolutionBias({ x, filter, bias }, { strides, pad, activation });
  if (activation === 'relu' && bias !== undefined)
    return tf.fused.conv2d({ x, filter, bias, strides, pad, activation });
  const convolved = tf.conv2d(x, filter, strides, pad);
  const shifted = bias === undefined ? convolved : tf.add<tf.Tensor4D>(convolved, bias);
  return activation === 'relu' ? tf.relu(shifted) : shifted;
}
