// What every kernel has to compute, as plain loops in float64: what the tests hold the kernels to, and nothing else.

type Values = ArrayLike<number>;
export type Shape4D = [number, number, number, number];
export type Padding = 'same' | 'valid' | number | [[0, 0], [number, number], [number, number], [0, 0]];

/** Windows over NHWC images, of a convolution or (outChannels = inChannels) of a pooling. */
export interface Windows {
  readonly input: Shape4D;
  readonly output: Shape4D;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly top: number;
  readonly left: number;
}

/** Output length and padding before the first pixel, along one axis (tensorflow.org, tf.nn.convolution). */
function alongAxis(length: number, filter: number, stride: number, pad: 'same' | 'valid' | [number, number]) {
  if (pad === 'same') {
    const outputs = Math.ceil(length / stride);
    return { outputs, before: Math.floor(Math.max(0, (outputs - 1) * stride + filter - length) / 2) };
  }
  const [before, after] = pad === 'valid' ? [0, 0] : pad;
  return { outputs: Math.floor((length + before + after - filter) / stride) + 1, before };
}

export function windowsOf(
  input: Shape4D,
  [filterHeight, filterWidth, , outChannels]: readonly [number, number, number, number],
  [strideHeight, strideWidth]: readonly [number, number],
  pad: Padding,
): Windows {
  const [rows, columns] =
    typeof pad === 'number' ? [pad, pad] : typeof pad === 'string' ? [pad, pad] : [pad[1], pad[2]];
  const both = (side: typeof rows) => (typeof side === 'number' ? ([side, side] as [number, number]) : side);
  const vertical = alongAxis(input[1], filterHeight, strideHeight, both(rows));
  const horizontal = alongAxis(input[2], filterWidth, strideWidth, both(columns));
  const output: Shape4D = [input[0], vertical.outputs, horizontal.outputs, outChannels];
  const { before: top } = vertical;
  return { input, output, filterHeight, filterWidth, strideHeight, strideWidth, top, left: horizontal.before };
}

/** Calls `visit` for every pixel that a window sees, with the first channel's index in the input and in the output. */
function visitPixels(windows: Windows, visit: (input: number, tap: number, output: number) => void): void {
  const [, height, width, inChannels] = windows.input;
  const [batch, outHeight, outWidth, outChannels] = windows.output;
  for (let image = 0; image < batch; image++)
    for (let oy = 0; oy < outHeight; oy++)
      for (let ox = 0; ox < outWidth; ox++)
        for (let ky = 0; ky < windows.filterHeight; ky++)
          for (let kx = 0; kx < windows.filterWidth; kx++) {
            const y = oy * windows.strideHeight - windows.top + ky;
            const x = ox * windows.strideWidth - windows.left + kx;
            if (y < 0 || y >= height || x < 0 || x >= width) continue;
            const output = ((image * outHeight + oy) * outWidth + ox) * outChannels;
            visit(((image * height + y) * width + x) * inChannels, ky * windows.filterWidth + kx, output);
          }
}

/** Calls `visit` for every product of a convolution, with its place in input, filter and output. */
function visitProducts(windows: Windows, visit: (input: number, filter: number, output: number) => void): void {
  const [inChannels, outChannels] = [windows.input[3], windows.output[3]];
  visitPixels(windows, (input, tap, output) => {
    for (let i = 0; i < inChannels; i++)
      for (let o = 0; o < outChannels; o++) visit(input + i, (tap * inChannels + i) * outChannels + o, output + o);
  });
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1);

export function convolve(windows: Windows, x: Values, filter: Values): Float64Array {
  const out = new Float64Array(sizeOf(windows.output));
  visitProducts(windows, (i, f, o) => (out[o] += x[i] * filter[f]));
  return out;
}

export function convolveBackToInput(windows: Windows, dy: Values, filter: Values): Float64Array {
  const out = new Float64Array(sizeOf(windows.input));
  visitProducts(windows, (i, f, o) => (out[i] += dy[o] * filter[f]));
  return out;
}

export function convolveBackToFilter(windows: Windows, x: Values, dy: Values): Float64Array {
  const { filterHeight, filterWidth, input, output } = windows;
  const out = new Float64Array(filterHeight * filterWidth * input[3] * output[3]);
  visitProducts(windows, (i, f, o) => (out[f] += x[i] * dy[o]));
  return out;
}

/** Index in x of every window's first maximum, channel by channel. */
function firstMaxima(windows: Windows, x: Values): Int32Array {
  const at = new Int32Array(sizeOf(windows.output)).fill(-1);
  visitPixels(windows, (input, _, output) => {
    for (let c = 0; c < windows.input[3]; c++)
      if (at[output + c] < 0 || x[input + c] > x[at[output + c]]) at[output + c] = input + c;
  });
  return at;
}

export function maxPool(windows: Windows, x: Values): Float64Array {
  return Float64Array.from(firstMaxima(windows, x), (at) => x[at]);
}

export function maxPoolGradient(windows: Windows, x: Values, dy: Values): Float64Array {
  const out = new Float64Array(x.length);
  for (const [o, at] of firstMaxima(windows, x).entries()) out[at] += dy[o];
  return out;
}

export interface Product {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** op(a) op(b) for one pair of matrices. */
export function multiply({ m, k, n, transposeA, transposeB }: Product, a: Values, b: Values): Float64Array {
  const out = new Float64Array(m * n);
  for (let row = 0; row < m; row++)
    for (let column = 0; column < n; column++)
      for (let i = 0; i < k; i++) {
        const left = a[transposeA ? i * m + row : row * k + i];
        out[row * n + column] += left * b[transposeB ? column * k + i : i * n + column];
      }
  return out;
}

/** `values` plus a bias over the last axis, if there is one, and no value below 0 if so wanted; NaN stays. */
export function finish(values: Float64Array, bias: Values | undefined, activation: 'linear' | 'relu'): Float64Array {
  const biased = bias === undefined ? values : values.map((value, i) => value + bias[i % bias.length]);
  return activation === 'relu' ? biased.map((value) => Math.max(value, 0)) : biased;
}

/** Sum over axes first…first+count−1. */
export function sum(shape: readonly number[], x: Values, first: number, count: number): Float64Array {
  const inner = sizeOf(shape.slice(first + count));
  const reduce = sizeOf(shape.slice(first, first + count));
  const out = new Float64Array(sizeOf(shape) / reduce);
  for (let i = 0; i < x.length; i++) out[Math.floor(i / (inner * reduce)) * inner + (i % inner)] += x[i];
  return out;
}

/** Rows of x that carry the same id, summed; rows with an id outside 0…segments−1 are left out. */
export function sumSegments(x: Values, ids: Values, row: number, segments: number): Float64Array {
  const out = new Float64Array(segments * row);
  for (let i = 0; i < x.length; i++) {
    const id = ids[Math.floor(i / row)];
    if (id >= 0 && id < segments) out[id * row + (i % row)] += x[i];
  }
  return out;
}
