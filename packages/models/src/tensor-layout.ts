// Where each value of a trainable tensor stands in PyTorch's layout and in TensorFlow.js's.

/** How a tensor starts; drawn as doubles in PyTorch's layout and rounded once to float32. */
export type InitialRule =
  | { readonly kind: 'uniform'; readonly bound: number }
  | { readonly kind: 'normal'; readonly deviation: number }
  | { readonly kind: 'constant'; readonly value: number };

/** The extents of a weight: `pixels` is height·width of the kernel, or of the image that a linear layer flattens. */
export interface WeightExtents {
  readonly outputs: number;
  readonly channels: number;
  readonly pixels: number;
}

export interface TrainableTensor {
  /** As in PyTorch's state_dict, `conv1.weight`. */
  readonly name: string;
  /** conv O·I·H·W, linear out·in (after a flatten, in = C·H·W), bias and batch norm O */
  readonly torchShape: readonly number[];
  /** conv H·W·I·O, linear in·out (after a flatten, in = H·W·C), bias and batch norm O */
  readonly shape: readonly number[];
  readonly size: number;
  readonly initial: InitialRule;
  /** Absent where both layouts are the same. */
  readonly extents?: WeightExtents;
}

/** A running mean or variance of a batch norm; both layouts are the same. */
export interface BufferTensor {
  /** As in PyTorch's state_dict, `bn1.running_mean`. */
  readonly name: string;
  readonly shape: readonly [channels: number];
  readonly size: number;
  /** 0 for a mean, 1 for a variance */
  readonly initial: number;
}

/**
 * Calls `visit(ours, torch)` for the positions of every value: H·W·I·O and O·I·H·W. A linear layer after a flatten is a
 * convolution whose kernel covers the whole image, and one without is that with H = W = 1, so one rule serves all.
 */
function eachPosition({ outputs, channels, pixels }: WeightExtents, visit: (ours: number, torch: number) => void) {
  let ours = 0;
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    for (let channel = 0; channel < channels; channel += 1) {
      for (let output = 0; output < outputs; output += 1) {
        visit(ours, (output * channels + channel) * pixels + pixel);
        ours += 1;
      }
    }
  }
}

/** The values of one tensor in our layout, as PyTorch lays them out. */
export function toTorch(values: Float32Array, { extents }: TrainableTensor): Float32Array {
  const result = values.slice();
  if (extents !== undefined) eachPosition(extents, (ours, torch) => (result[torch] = values[ours]));
  return result;
}

/** The values of one tensor in PyTorch's layout, as we lay them out. */
export function fromTorch(values: Float32Array, { extents }: TrainableTensor): Float32Array {
  const result = values.slice();
  if (extents !== undefined) eachPosition(extents, (ours, torch) => (result[ours] = values[torch]));
  return result;
}
