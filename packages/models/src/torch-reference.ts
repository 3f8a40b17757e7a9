// For tests: every layer as PyTorch defines it, in plain double precision loops over n·C·H·W.
import type { BatchNormMode } from './forward-pass.ts';
import type { Layer } from './layer.ts';

export interface Images {
  readonly values: number[];
  readonly shape: readonly [images: number, channels: number, height: number, width: number];
}

export interface TorchPass {
  /** In PyTorch's layout and state_dict order. */
  readonly weights: readonly number[][];
  readonly buffers: readonly number[][];
  readonly mode: BatchNormMode;
  /** One per dropout layer, with 0 where a value is dropped; none to drop nothing. */
  readonly masks: readonly number[][];
}

export interface TorchResult {
  readonly logits: number[];
  /** The running statistics after the pass. */
  readonly buffers: number[][];
}

export function torchForward(layers: readonly Layer[], pass: TorchPass, classes: number, images: Images): TorchResult {
  const run = new TorchRun(pass, classes);
  const logits = run.layers(layers, images).values;
  return { logits, buffers: run.buffers };
}

class TorchRun {
  readonly buffers: number[][];
  #weight = 0;
  #buffer = 0;
  #dropout = 0;

  constructor(
    readonly pass: TorchPass,
    readonly classes: number,
  ) {
    this.buffers = pass.buffers.map((values) => [...values]);
  }

  layers(layers: readonly Layer[], x: Images): Images {
    return layers.reduce((images, layer) => this.#layer(layer, images), x);
  }

  #next(): number[] {
    this.#weight += 1;
    return this.pass.weights[this.#weight - 1];
  }

  #layer(layer: Layer, x: Images): Images {
    const [n, channels, height, width] = x.shape;
    const pixels = height * width;
    const each = (change: (value: number) => number): Images => ({ ...x, values: x.values.map(change) });
    switch (layer.kind) {
      case 'conv': {
        const weight = this.#next();
        return convolve(layer, x, weight, layer.bias === 'none' ? Array(layer.channels).fill(0) : this.#next());
      }
      case 'batch_norm':
        return this.#batchNorm(x);
      case 'relu':
        return each((value) => Math.max(0, value));
      case 'silu':
        return each((value) => value / (1 + Math.exp(-value)));
      case 'dropout': {
        const mask = this.pass.masks[this.#dropout++];
        if (mask === undefined) return x;
        return { ...x, values: x.values.map((value, i) => (value * mask[i]) / (1 - layer.rate)) };
      }
      case 'pool':
        return pool(layer, x);
      case 'global_average': {
        const mean = (i: number) => x.values.slice(i * pixels, (i + 1) * pixels).reduce((a, b) => a + b, 0) / pixels;
        return { values: Array.from({ length: n * channels }, (_, i) => mean(i)), shape: [n, channels, 1, 1] };
      }
      case 'flatten':
        return { values: x.values, shape: [n, channels * pixels, 1, 1] };
      case 'linear': {
        const [weight, bias] = [this.#next(), this.#next()];
        const output = (image: number, o: number) => {
          let sum = bias[o];
          for (let i = 0; i < channels; i += 1) sum += x.values[image * channels + i] * weight[o * channels + i];
          return sum;
        };
        const outputs = layer.features === 'classes' ? this.classes : layer.features;
        const values = Array.from({ length: n * outputs }, (_, i) => output(Math.floor(i / outputs), i % outputs));
        return { values, shape: [n, outputs, 1, 1] };
      }
      case 'residual': {
        const entry = this.layers(layer.entry, x);
        const branch = this.layers(layer.branch, entry);
        const from = layer.shortcut.length > 0 && layer.shortcutFrom === 'entry' ? entry : x;
        const shortcut = this.layers(layer.shortcut, from);
        return { ...branch, values: branch.values.map((value, i) => value + shortcut.values[i]) };
      }
      case 'unused':
        throw new TypeError('unused layers are compared with the reference classes');
    }
  }

  #batchNorm({ values, shape }: Images): Images {
    const [n, channels, height, width] = shape;
    const [weight, bias] = [this.#next(), this.#next()];
    const position = this.#buffer;
    this.#buffer += 2;
    const [means, variances] = this.pass.buffers.slice(position, position + 2);
    const { mode } = this.pass;
    const channelOf = (i: number) => Math.floor(i / (height * width)) % channels;
    const count = n * height * width;
    const statistics = Array.from({ length: channels }, (_, c) => {
      if (mode === 'eval') return [means[c], variances[c]];
      const own = values.filter((_value, i) => channelOf(i) === c);
      const mean = own.reduce((a, b) => a + b, 0) / count;
      const squares = own.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      if (mode === 'train') {
        this.buffers[position][c] = 0.9 * means[c] + 0.1 * mean;
        this.buffers[position + 1][c] = 0.9 * variances[c] + (0.1 * squares) / (count - 1);
      }
      return [mean, squares / count];
    });
    const normalised = values.map((value, i) => {
      const [mean, variance] = statistics[channelOf(i)];
      return (weight[channelOf(i)] * (value - mean)) / Math.sqrt(variance + 1e-5) + bias[channelOf(i)];
    });
    return { values: normalised, shape };
  }
}

type Window = readonly { readonly index: number; readonly row: number; readonly column: number }[];

/** Calls `compute` for each output pixel with the pixels of its window that lie in the image. */
function slide(
  x: Images,
  size: number,
  stride: number,
  [before, after]: readonly [number, number],
  channels: number,
  compute: (image: number, channel: number, window: Window) => number,
): Images {
  const [n, , height, width] = x.shape;
  const side = (length: number) => Math.floor((length + before + after - size) / stride) + 1;
  const [rows, columns] = [side(height), side(width)];
  const windows = Array.from({ length: rows * columns }, (_, i) => {
    const window: { index: number; row: number; column: number }[] = [];
    for (let row = 0; row < size; row += 1) {
      for (let column = 0; column < size; column += 1) {
        const y = Math.floor(i / columns) * stride - before + row;
        const z = (i % columns) * stride - before + column;
        if (y >= 0 && y < height && z >= 0 && z < width) window.push({ index: y * width + z, row, column });
      }
    }
    return window;
  });
  const values: number[] = [];
  for (let image = 0; image < n; image += 1) {
    for (let channel = 0; channel < channels; channel += 1) {
      for (const window of windows) values.push(compute(image, channel, window));
    }
  }
  return { values, shape: [n, channels, rows, columns] };
}

function convolve(layer: Extract<Layer, { kind: 'conv' }>, x: Images, weight: number[], bias: number[]): Images {
  const { kernel, stride, padding } = layer;
  const [, inputs, height, width] = x.shape;
  const margins = typeof padding === 'number' ? ([padding, padding] as const) : padding;
  return slide(x, kernel, stride, margins, layer.channels, (image, output, window) => {
    let sum = bias[output];
    for (let input = 0; input < inputs; input += 1) {
      const plane = (image * inputs + input) * height * width;
      for (const { index, row, column } of window) {
        sum += x.values[plane + index] * weight[((output * inputs + input) * kernel + row) * kernel + column];
      }
    }
    return sum;
  });
}

function pool({ take, size, stride }: Extract<Layer, { kind: 'pool' }>, x: Images): Images {
  const [, channels, height, width] = x.shape;
  return slide(x, size, stride, [0, 0], channels, (image, channel, window) => {
    const values = window.map(({ index }) => x.values[(image * channels + channel) * height * width + index]);
    return take === 'max' ? Math.max(...values) : values.reduce((a, b) => a + b, 0) / values.length;
  });
}
