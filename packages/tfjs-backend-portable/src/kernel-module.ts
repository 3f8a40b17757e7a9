// Loads the compiled kernels onto the memory of the stock wasm backend and lends them scratch space from its heap.
import { readFile } from 'node:fs/promises';
import type { DataType, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';

/** The part of the stock wasm backend that these kernels stand on: its tensors' addresses and its heap. */
export interface WasmBackend extends KernelBackend {
  readonly dataIdMap: { get(dataId: object): { readonly memoryOffset: number } };
  makeOutput(shape: number[], dtype: DataType): TensorInfo;
  incRef(dataId: object): void;
  readonly wasm: {
    /** Replaced by a new view whenever the heap grows: never keep it. */
    readonly HEAPU8: Uint8Array;
    readonly asm: { readonly memory: WebAssembly.Memory };
    _malloc(bytes: number): number;
    _free(address: number): void;
  };
}

type Native = (...operands: (number | boolean)[]) => void;

/** The exports of assembly/index.ts; addresses are bytes, counts are floats. */
interface NativeKernels {
  readonly add: Native;
  readonly clear: Native;
  readonly convolve: Native;
  readonly convolveBackToFilter: Native;
  readonly convolveBackToInput: Native;
  readonly listWindows: Native;
  readonly maxPoolGradient: Native;
  readonly maximum: Native;
  readonly minimum: Native;
  readonly multiplyMatrices: Native;
  readonly packColumns: Native;
  readonly packColumnsTransposed: Native;
  readonly padImages: Native;
  readonly sign: Native;
  readonly stepAndProject: Native;
  readonly sumAxis: Native;
  readonly unpadImages: Native;
}

/** What a kernel is called with; `Inputs` and `Attrs` are the types that tfjs-core gives the kernel. */
export interface KernelCall<Inputs, Attrs> {
  readonly inputs: { readonly [K in keyof Inputs]-?: NonNullable<Inputs[K]> };
  readonly attrs: Attrs;
}

/** The wasm heap has no room left for the scratch space of a kernel. */
export class ScratchExhaustedError extends Error {
  readonly bytes: number;

  constructor(bytes: number) {
    super(`scratch space: ${bytes} bytes are not to be had from the wasm heap`);
    this.name = 'ScratchExhaustedError';
    this.bytes = bytes;
  }
}

/** Compiled kernels bound to one backend, with one scratch block that grows to the largest request and stays. */
export class KernelModule {
  readonly native: NativeKernels;
  readonly #backend: WasmBackend;
  #scratch = 0;
  #capacity = 0;

  private constructor(backend: WasmBackend, native: NativeKernels) {
    this.#backend = backend;
    this.native = native;
  }

  static async load(backend: WasmBackend): Promise<KernelModule> {
    // The same address from src/ and from dist/.
    const bytes = await readFile(new URL('../dist/kernels.wasm', import.meta.url));
    const { instance } = await WebAssembly.instantiate(bytes, { env: { memory: backend.wasm.asm.memory } });
    return new KernelModule(backend, instance.exports as unknown as NativeKernels);
  }

  /** A new float32 tensor with undefined content. */
  allocate(shape: readonly number[]): TensorInfo {
    return this.#backend.makeOutput([...shape], 'float32');
  }

  /** A tensor that holds the data of another one; they are freed with the last of the two. */
  share({ dataId, shape, dtype }: TensorInfo): TensorInfo {
    this.#backend.incRef(dataId);
    return { dataId, shape, dtype };
  }

  /** Byte address of a tensor's first element. */
  address(tensor: TensorInfo): number {
    return this.#backend.dataIdMap.get(tensor.dataId).memoryOffset;
  }

  /** The heap as it is now; stale after the next allocation. */
  heap(): ArrayBufferLike {
    return this.#backend.wasm.HEAPU8.buffer;
  }

  /** Addresses of regions of at least so many bytes each, valid until the next call; their content is undefined. */
  scratch<const Sizes extends readonly number[]>(...sizes: Sizes): { -readonly [K in keyof Sizes]: number } {
    let total = 0;
    const starts = sizes.map((size) => {
      const start = total;
      total += wholeLines(size);
      return start;
    });
    if (total > this.#capacity) {
      if (this.#capacity > 0) this.#backend.wasm._free(this.#scratch);
      this.#capacity = 0;
      // Addresses above 2 GB arrive as negative numbers.
      this.#scratch = this.#backend.wasm._malloc(total) >>> 0;
      if (this.#scratch === 0) throw new ScratchExhaustedError(total);
      this.#capacity = total;
    }
    return starts.map((start) => this.#scratch + start) as { -readonly [K in keyof Sizes]: number };
  }
}

/** Whole cache lines, with 32 bytes behind the end that a vector load may touch. */
function wholeLines(bytes: number): number {
  return Math.ceil((bytes + 32) / 64) * 64;
}
