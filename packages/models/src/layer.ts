// The layers an architecture is declared with, as data; each names its tensors as PyTorch's state_dict does.

/** Pixels of zeros at each side, or at the top and left and at the bottom and right. */
export type Padding = number | readonly [before: number, after: number];

/**
 * How a layer's tensors start: `uniform` is PyTorch's default U(±1/√fan_in), `he_fan_out` draws the weights from
 * N(0, 2/(kernel²·outputs)), `zero_bias` keeps the uniform weights, `zero` starts both at 0.
 */
export type InitialValues = 'uniform' | 'he_fan_out' | 'zero_bias' | 'zero';

export type Layer =
  /** 2-D convolution, square kernel, zero padding; tensors `<name>.weight` and, unless it has none, `<name>.bias`. */
  | {
      readonly kind: 'conv';
      readonly name: string;
      readonly channels: number;
      readonly kernel: number;
      readonly stride: number;
      readonly padding: Padding;
      readonly bias?: 'none';
      readonly initial?: InitialValues;
    }
  /** Over batch and pixels of an image; tensors `<name>.weight`, `.bias`, buffers `.running_mean`, `.running_var`. */
  | { readonly kind: 'batch_norm'; readonly name: string }
  | { readonly kind: 'relu' }
  /** x·sigmoid(x), Swish. */
  | { readonly kind: 'silu' }
  /** Square windows without padding; what does not fill a window at the bottom and right is left out, as in PyTorch. */
  | { readonly kind: 'pool'; readonly take: 'max' | 'average'; readonly size: number; readonly stride: number }
  /** Image to vector: the mean of each channel. */
  | { readonly kind: 'global_average' }
  /** Image to vector; in PyTorch in the order C, H, W, here H, W, C. */
  | { readonly kind: 'flatten' }
  /** Drops each value with probability `rate` and divides the others by 1 − rate, while a pass hands in masks. */
  | { readonly kind: 'dropout'; readonly rate: number }
  /** Fully connected with bias; tensors `<name>.weight`, `<name>.bias`. */
  | {
      readonly kind: 'linear';
      readonly name: string;
      readonly features: number | 'classes';
      readonly initial?: InitialValues;
    }
  /**
   * branch(entry(x)) + shortcut, where an empty shortcut is x itself and another one is applied to what `shortcutFrom`
   * says: x, or entry(x). Tensors in this order: entry, branch, shortcut.
   */
  | {
      readonly kind: 'residual';
      readonly entry: readonly Layer[];
      readonly branch: readonly Layer[];
      readonly shortcut: readonly Layer[];
      readonly shortcutFrom: 'input' | 'entry';
    }
  /** Tensors that the reference code owns, sized for images of so many channels, and never uses; their gradient is 0. */
  | { readonly kind: 'unused'; readonly channels: number; readonly layers: readonly Layer[] };

export type ImageShape = readonly [height: number, width: number, channels: number];

/** Per channel of an image in [0, 1]: the model computes with (x − mean) / std. */
export interface Normalisation {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

export interface Architecture {
  readonly name: string;
  /** height, width, channels in pixels of the images it was published for */
  readonly imageShape: ImageShape;
  /** Trainable parameters for that shape and 10 classes, as published; building the model checks them. */
  readonly parameterCount: number;
  /** Running means and variances for that shape, likewise; absent is 0. */
  readonly bufferCount?: number;
  /** Images with shorter sides get a border of zeros up to this many pixels, before they are normalised. */
  readonly leastSide?: number;
  /** Names under which the reference code keeps mean and std in its state_dict, where it does. */
  readonly normalisationNames?: { readonly mean: string; readonly std: string };
  readonly layers: readonly Layer[];
}
