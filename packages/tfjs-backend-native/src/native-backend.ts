// The backend object: tensors are plain typed arrays, as in the stock JavaScript backend, whose kernels thus serve the rest.
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import type { backend_util, DataType, TensorInfo } from '@tensorflow/tfjs-core';
import type { Addon, Values } from './addon.ts';
import { ArrayPool } from './array-pool.ts';

type TensorData = ReturnType<MathBackendCPU['data']['get']>;

/** A tensor's entry; `pooled` while only our own kernels have seen the array. */
interface NativeData extends TensorData {
  pooled?: boolean;
}

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;
type NumericType = keyof typeof ARRAYS;

export class NativeBackend extends MathBackendCPU {
  readonly addon: Addon;
  readonly #pool: ArrayPool;

  constructor(addon: Addon) {
    super();
    this.addon = addon;
    this.#pool = new ArrayPool((bytes) => addon.allocate(bytes));
  }

  /** A copy of what the caller gives: it stays the caller's. */
  override write(values: backend_util.BackendValues, shape: number[], dtype: DataType): object {
    if (!(values instanceof Float32Array) || dtype !== 'float32') {
      const copy = ArrayBuffer.isView(values) ? (values as Values).slice() : values;
      return this.makeTensorInfo(shape, dtype, copy).dataId;
    }
    const tensor = this.allocate(shape);
    this.floats(tensor).set(values);
    return tensor.dataId;
  }

  /** Called by kernels, which give their arrays away. */
  override makeTensorInfo(
    shape: number[],
    dtype: DataType,
    values?: Parameters<MathBackendCPU['makeTensorInfo']>[2],
  ): TensorInfo {
    if (dtype === 'string') throw new TypeError('the native backend computes numbers, not strings');
    const dataId = {};
    this.data.set(dataId, { values: values as backend_util.BackendValues, dtype, refCount: 1 });
    return { dataId, shape, dtype };
  }

  /** A new float32 tensor of undefined content. */
  allocate(shape: readonly number[]): TensorInfo {
    const length = shape.reduce((size, extent) => size * extent, 1);
    const tensor = this.makeTensorInfo([...shape], 'float32', this.#pool.take(length));
    (this.data.get(tensor.dataId) as NativeData).pooled = true;
    return tensor;
  }

  /** A tensor that holds the data of another one; they are freed with the last of the two. */
  share({ dataId }: TensorInfo, shape: readonly number[], dtype: DataType): TensorInfo {
    this.incRef(dataId);
    return { dataId, shape: [...shape], dtype };
  }

  /** The array itself: of the tensor's type, valid until the tensor is disposed. */
  values(tensor: TensorInfo): Values {
    const data = this.data.get(tensor.dataId) as NativeData;
    const Type = ARRAYS[data.dtype as NumericType];
    // Some stock kernels leave plain lists or arrays of another type.
    if (!(data.values instanceof Type)) data.values = Type.from(data.values as ArrayLike<number>);
    return data.values as Values;
  }

  floats(tensor: TensorInfo): Float32Array {
    return this.values(tensor) as Float32Array;
  }

  /** Before a stock kernel sees it: its results may be views of the same memory. */
  release(tensor: TensorInfo): void {
    const data = this.data.get(tensor.dataId) as NativeData;
    if (data.pooled) this.#pool.letGo(data.values as Float32Array);
    data.pooled = false;
    if (data.complexTensorInfos) Object.values(data.complexTensorInfos).forEach((part) => this.release(part));
  }

  /** A copy: the array behind a disposed tensor gets a new owner. */
  override readSync(dataId: object): backend_util.BackendValues {
    const values = super.readSync(dataId);
    return ArrayBuffer.isView(values) ? (values as Values).slice() : values;
  }

  override disposeData(dataId: object, force = false): boolean {
    const data = this.data.has(dataId) ? (this.data.get(dataId) as NativeData) : undefined;
    const freed = super.disposeData(dataId, force);
    if (freed && data?.pooled) this.#pool.giveBack(data.values as Float32Array);
    return freed;
  }
}
