// The environment variables that decide which bits TensorFlow computes; it and CUDA read them when they load.

/** Exact float32 and kernels that add in the same order every time, as the rules of randomness ask for. */
const EXACT = {
  /** kernels without atomic additions; an operation that has none fails instead */
  TF_DETERMINISTIC_OPS: '1',
  TF_CUDNN_DETERMINISTIC: '1',
  /** Which convolution algorithm wins a race depends on the moment. */
  TF_CUDNN_USE_AUTOTUNE: '0',
  /** cuBLAS: one workspace per stream (cuBLAS documentation, "Results reproducibility") */
  CUBLAS_WORKSPACE_CONFIG: ':4096:8',
  /** TensorFloat-32 rounds the factors of products to ten bits. */
  NVIDIA_TF32_OVERRIDE: '0',
} as const;

/** Bits do not hang on these. */
const CONVENIENT = {
  /** GPUs by the place they are plugged in, as nvidia-smi numbers them, and not the fastest first */
  CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
  /** Take the GPU's memory as it is needed: others may use it too. */
  TF_FORCE_GPU_ALLOW_GROWTH: 'true',
  /** no notes on the processor's instructions, which would end in every log; warnings stay */
  TF_CPP_MIN_LOG_LEVEL: '1',
} as const;

export interface TensorflowSwitches {
  readonly threads: number;
  /** all that were set, for the record of a run */
  readonly all: string;
  /** those that differ from exact computing, `NAME=value`: another backend class */
  readonly deviations: readonly string[];
}

/** One thread and exact computing, unless the environment says otherwise. Before TensorFlow loads. */
export function setTensorflowSwitches(env: NodeJS.ProcessEnv = process.env): TensorflowSwitches {
  env['TF_NUM_INTRAOP_THREADS'] ??= env['OMP_NUM_THREADS'] ?? '1';
  env['TF_NUM_INTEROP_THREADS'] ??= '1';
  env['OMP_NUM_THREADS'] ??= env['TF_NUM_INTRAOP_THREADS'];
  for (const [name, value] of Object.entries({ ...EXACT, ...CONVENIENT })) env[name] ??= value;
  const exact = Object.entries(EXACT);
  const deviations = exact.filter(([name, value]) => env[name] !== value).map(([name]) => `${name}=${env[name]}`);
  // Of the processor's kernels alone; TensorFlow turns them on where they help.
  const oneDnn = env['TF_ENABLE_ONEDNN_OPTS'];
  if (oneDnn !== undefined) deviations.push(`TF_ENABLE_ONEDNN_OPTS=${oneDnn}`);
  const all = exact.map(([name]) => `${name}=${env[name]}`).join(' ');
  return { threads: Number(env['TF_NUM_INTRAOP_THREADS']), all, deviations };
}
