// The layers an architecture is declared with, as data; each names its tensors as PyTorch's state_dict does.

export type Layer =
  /** 2-D convolution with bias, square kernel, symmetric zero padding; tensors `<name>.weight`, `<name>.bias`. */
  | {
      readonly kind: 'conv';
      readonly name: string;
      readonly channels: number;
      readonly kernel: number;
      readonly stride: number;
      readonly padding: number;
    }
  | { readonly kind: 'relu' }
  /** Image to vector; in PyTorch in the order C, H, W, here H, W, C. */
  | { readonly kind: 'flatten' }
  /** Fully connected with bias; tensors `<name>.weight`, `<name>.bias`. */
  | { readonly kind: 'linear'; readonly name: string; readonly features: number };

export type ImageShape = readonly [height: number, width: number, channels: number];

export interface Architecture {
  readonly name: string;
  /** height, width, channels in pixels */
  readonly imageShape: ImageShape;
  /** Trainable parameters as published; building the model checks them. */
  readonly parameterCount: number;
  readonly layers: readonly Layer[];
}
