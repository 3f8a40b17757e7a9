// Weights as a safetensors file that the reference PyTorch class loads with strict=True, and back.
import type { Model } from './build-model.ts';
import { readHalf, type HalfFormat } from './half-floats.ts';
import { readHeader, SafetensorsError, type TensorPlace, writeHeader } from './safetensors-header.ts';
import type { StateEntry } from './state-dict.ts';

/** In PyTorch's layout, in the order of `model.parameters` and `model.buffers`. */
export interface StateValues {
  readonly weights: Float32Array[];
  readonly buffers: Float32Array[];
}

/** Largest relative error of a value that went through bfloat16. */
const BFLOAT16_ERROR = 2 ** -8;

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1);
const isInteger = ({ source }: StateEntry): boolean => source.kind === 'batches_tracked';

/**
 * float32 tensors under PyTorch's names, and `num_batches_tracked` as the 64-bit integer 0.
 * @param weights in PyTorch's layout
 * @throws WeightSizeError
 */
export function encodeSafetensors(
  model: Model,
  weights: readonly Float32Array[],
  buffers: readonly Float32Array[],
): Uint8Array {
  model.inStateOrder(weights, buffers); // checks the sizes
  // The 8-byte integers come first, so that every tensor is aligned to its own size.
  const entries = [...model.state.filter(isInteger), ...model.state.filter((entry) => !isInteger(entry))];
  const tensors = entries.map((entry) => ({
    name: entry.name,
    dtype: isInteger(entry) ? ('I64' as const) : ('F32' as const),
    shape: entry.shape,
    bytes: sizeOf(entry.shape) * (isInteger(entry) ? 8 : 4),
  }));
  const { bytes, dataStart } = writeHeader(tensors);
  const view = new DataView(bytes.buffer);
  let offset = dataStart;
  entries.forEach((entry, i) => {
    const values = valuesOf(entry, weights, buffers);
    for (let k = 0; k < values.length; k += 1) view.setFloat32(offset + 4 * k, values[k], true);
    offset += tensors[i].bytes;
  });
  return bytes;
}

function valuesOf({ source }: StateEntry, weights: readonly Float32Array[], buffers: readonly Float32Array[]) {
  switch (source.kind) {
    case 'parameter':
      return weights[source.position];
    case 'buffer':
      return buffers[source.position];
    case 'constant':
      return source.values;
    case 'batches_tracked':
      return new Float32Array(0); // the file is zero where nothing is written
  }
}

/**
 * The weights and running statistics of a file written by `encodeSafetensors` or by PyTorch from the same class, in
 * float32, float16 or bfloat16.
 * @param file named in errors
 * @throws SafetensorsError for a damaged file, a tensor that is missing, unknown or of another shape, and for another
 * normalisation than the model's
 */
export function decodeSafetensors(model: Model, bytes: Uint8Array, file = 'safetensors'): StateValues {
  const { tensors, dataStart } = readHeader(bytes, file);
  const names = new Set(model.state.map(({ name }) => name));
  for (const name of tensors.keys()) {
    if (!names.has(name)) throw new SafetensorsError(file, name, `no such tensor in ${model.name}`, 'one');
  }
  const weights: Float32Array[] = [];
  const buffers: Float32Array[] = [];
  for (const entry of model.state) {
    const place = tensors.get(entry.name);
    const expected = isInteger(entry) ? ['I64'] : ['F32', 'F16', 'BF16'];
    const shape = `[${entry.shape.join(', ')}]`;
    if (place === undefined) throw new SafetensorsError(file, entry.name, `a tensor of shape ${shape}`, 'none');
    if (place.shape.join() !== entry.shape.join()) {
      throw new SafetensorsError(file, entry.name, `shape ${shape}`, `[${place.shape.join(', ')}]`);
    }
    if (!expected.includes(place.dtype)) {
      throw new SafetensorsError(file, entry.name, `dtype ${expected.join(', ')}`, place.dtype);
    }
    const { source } = entry;
    switch (source.kind) {
      case 'parameter':
        weights[source.position] = readFloats(bytes, dataStart, place);
        break;
      case 'buffer':
        buffers[source.position] = readFloats(bytes, dataStart, place);
        break;
      case 'constant': {
        const values = readFloats(bytes, dataStart, place);
        if (source.values.some((value, i) => Math.abs(values[i] - value) > BFLOAT16_ERROR * Math.abs(value))) {
          throw new SafetensorsError(file, entry.name, `[${source.values.join(', ')}]`, `[${values.join(', ')}]`);
        }
        break;
      }
      case 'batches_tracked':
        break;
    }
  }
  return { weights, buffers };
}

function readFloats(bytes: Uint8Array, dataStart: number, { dtype, start, end, shape }: TensorPlace): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset + dataStart + start, end - start);
  const values = new Float32Array(sizeOf(shape));
  const read =
    dtype === 'F32'
      ? (i: number) => view.getFloat32(4 * i, true)
      : (i: number) => readHalf(view.getUint16(2 * i, true), dtype as HalfFormat);
  for (let i = 0; i < values.length; i += 1) values[i] = read(i);
  return values;
}
