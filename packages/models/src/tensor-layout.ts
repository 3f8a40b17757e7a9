// Where each value of a trainable tensor stands in PyTorch's layout and in TensorFlow.js's.

export interface TrainableTensor {
  /** As in PyTorch's state_dict, `conv1.weight`. */
  readonly name: string;
  /** conv O·I·H·W, linear out·in (after a flatten, in = C·H·W), bias O */
  readonly torchShape: readonly number[];
  /** conv H·W·I·O, linear in·out (after a flatten, in = H·W·C), bias O */
  readonly shape: readonly number[];
  readonly size: number;
  /** Inputs of one output of its layer; sets the range of the initial values, for the bias too. */
  readonly fanIn: number;
  /** Value k in our layout is value torchIndex[k] in PyTorch's; absent where both are the same. */
  readonly torchIndex?: Int32Array;
}

/**
 * O·I·H·W → H·W·I·O. A linear layer after a flatten is a convolution whose kernel covers the whole image, and one
 * without is that with H = W = 1, so all weights are laid out by this one rule.
 */
export function indexInTorch(outputs: number, channels: number, height: number, width: number): Int32Array {
  const pixels = height * width;
  const index = new Int32Array(outputs * channels * pixels);
  let ours = 0;
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    for (let channel = 0; channel < channels; channel += 1) {
      for (let output = 0; output < outputs; output += 1) {
        index[ours] = (output * channels + channel) * pixels + pixel;
        ours += 1;
      }
    }
  }
  return index;
}

/** The values of one tensor in our layout, as PyTorch lays them out. */
export function toTorch(values: Float32Array, { torchIndex }: TrainableTensor): Float32Array {
  if (torchIndex === undefined) return values.slice();
  const torch = new Float32Array(values.length);
  for (let ours = 0; ours < values.length; ours += 1) torch[torchIndex[ours]] = values[ours];
  return torch;
}

/** The values of one tensor in PyTorch's layout, as we lay them out. */
export function fromTorch(torch: Float32Array, { torchIndex }: TrainableTensor): Float32Array {
  if (torchIndex === undefined) return torch.slice();
  return Float32Array.from(torchIndex, (index) => torch[index]);
}
