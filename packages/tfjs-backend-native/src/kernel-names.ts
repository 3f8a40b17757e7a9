// The element-by-element kernels that carry one name here, in the addon and in tfjs-core.

export const BINARY_KERNELS = [
  'Add',
  'Sub',
  'Multiply',
  'RealDiv',
  'Maximum',
  'Minimum',
  'SquaredDifference',
  'Equal',
  'NotEqual',
  'Greater',
  'GreaterEqual',
  'Less',
  'LessEqual',
] as const;
export type BinaryKernelName = (typeof BINARY_KERNELS)[number];

export const UNARY_KERNELS = [
  'Abs',
  'ClipByValue',
  'Exp',
  'LeakyRelu',
  'Log',
  'Neg',
  'Reciprocal',
  'Relu',
  'Relu6',
  'Rsqrt',
  'Sigmoid',
  'Sign',
  'Sqrt',
  'Square',
  'Step',
  'Tanh',
] as const;
export type UnaryKernelName = (typeof UNARY_KERNELS)[number];
