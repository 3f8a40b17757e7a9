// What the compiled addon offers: kernels over the memory of typed arrays, which it never keeps beyond a call.
import type { BinaryKernelName, UnaryKernelName } from './kernel-names.ts';

export type Values = Float32Array | Int32Array | Uint8Array;
type Native = (...operands: (Values | number | null)[]) => void;

type OwnKernelName =
  | 'argMax'
  | 'averagePool'
  | 'averagePoolToInput'
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
  | 'select'
  | 'setThreads'
  | 'softmax'
  | 'sum'
  | 'sumSegments';

/** The tables of exports in native/*.cc. */
export interface Addon extends Readonly<Record<BinaryKernelName | UnaryKernelName | OwnKernelName, Native>> {
  /** How far the array's first element is from the start of a cache line, in bytes. */
  misalignment(values: Values): number;
  /** Instruction set, floats per register, first and second cache in kB, version of oneDNN; blanks between. */
  describe(): string;
}
