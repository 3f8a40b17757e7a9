// What the compiled addon offers: kernels over the memory of typed arrays, which it never keeps beyond a call.
import type { BinaryKernelName, UnaryKernelName } from './kernel-names.ts';

export type Values = Float32Array | Int32Array | Uint8Array;
type Native = (...operands: (Values | number | null)[]) => void;

type OwnKernelName =
  | 'adamStep'
  | 'argMax'
  | 'averagePool'
  | 'averagePoolToInput'
  | 'batchNormByBatch'
  | 'batchNormByRunning'
  | 'batchNormGradient'
  | 'BoolToFloat'
  | 'convolve'
  | 'convolveToFilter'
  | 'convolveToInput'
  | 'copyBlock'
  | 'gatherRows'
  | 'IntToFloat'
  | 'Max'
  | 'maxPool'
  | 'maxPoolToInput'
  | 'Min'
  | 'multiplyMatrices'
  | 'pgdStepLinf'
  | 'reluGradient'
  | 'select'
  | 'setThreads'
  | 'sgdStep'
  | 'softmax'
  | 'sum'
  | 'sumSegments';

/** The tables of exports in native/*.cc. */
export interface Addon extends Readonly<Record<BinaryKernelName | UnaryKernelName | OwnKernelName, Native>> {
  /** So many bytes of undefined content that begin at a cache line, on huge pages where they fill some. */
  allocate(bytes: number): ArrayBuffer;
  /** Instruction set, floats per register, first and second cache in kB, version of oneDNN; blanks between. */
  describe(): string;
}
