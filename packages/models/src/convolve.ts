// A convolution with PyTorch's symmetric zero padding, on backends that have a gradient for it and on those that do not.
import * as tf from '@tensorflow/tfjs-core';
import type { Activation } from './plan-layers.ts';

export interface Convolution {
  /** n·H·W·I */
  readonly x: tf.Tensor4D;
  /** H·W·I·O */
  readonly filter: tf.Tensor4D;
  readonly bias: tf.Tensor1D;
  readonly strides: number;
  readonly padding: number;
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
  const margins: [number, number][] = [
    [0, 0],
    [padding, padding],
    [padding, padding],
    [0, 0],
  ];
  switch (border) {
    case 'convolution':
      return tf.fused.conv2d({ ...convolution, x, pad: margins as tf.backend_util.ExplicitPadding });
    case 'image':
      return tf.fused.conv2d({ ...convolution, x: padding === 0 ? x : tf.pad(x, margins), pad: 'valid' });
  }
}
