// The native TensorFlow packages, both optional: loading one, and describing what it computes on.
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { BackendDescription } from '@reseed/experiment';
import * as tf from '@tensorflow/tfjs-core';

export const TENSORFLOW_PACKAGES = { gpu: '@tensorflow/tfjs-node-gpu', cpu: '@tensorflow/tfjs-node' } as const;
export type TensorflowPackage = (typeof TENSORFLOW_PACKAGES)[keyof typeof TENSORFLOW_PACKAGES];

/** What the packages' backend object says about itself (tfjs-node/src/nodejs_kernel_backend.ts). */
interface NodeBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version?: string };
}

/** One thread and deterministic kernels, unless the environment says otherwise; TensorFlow reads these when it loads. */
function configureTensorflow(): { threads: number } {
  const { env } = process;
  env['TF_NUM_INTRAOP_THREADS'] ??= '1';
  env['TF_NUM_INTEROP_THREADS'] ??= '1';
  env['OMP_NUM_THREADS'] ??= env['TF_NUM_INTRAOP_THREADS'];
  env['TF_DETERMINISTIC_OPS'] ??= '1';
  env['NVIDIA_TF32_OVERRIDE'] ??= '0';
  return { threads: Number(env['TF_NUM_INTRAOP_THREADS']) };
}

/** The first GPU's model as the Linux driver names it; kernels, and so bits, differ between models. */
function gpuModel(): string {
  const folder = '/proc/driver/nvidia/gpus';
  try {
    const [first] = readdirSync(folder);
    return /^Model:\s*(.+)$/m.exec(readFileSync(`${folder}/${first}/information`, 'utf8'))?.[1] ?? 'gpu';
  } catch {
    return 'gpu';
  }
}

/** Why a package did not load, in a line. An absent package and one whose binary was never downloaded are the same case. */
function refusal(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  const absent = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  if (absent || /tfjs_binding\.node|native addon module/i.test(message ?? '')) return 'not installed';
  return `does not load: ${(message ?? String(error)).split('\n', 1)[0]}`;
}

/** Loads `name` and describes it; a string when it cannot be used, saying why. */
export async function openTensorflow(
  name: TensorflowPackage,
  { need }: { readonly need: 'gpu' | 'any' },
): Promise<BackendDescription | string> {
  const { threads } = configureTensorflow();
  let loaded: { version?: Record<string, string> };
  try {
    loaded = (await import(name)) as typeof loaded;
  } catch (error) {
    return refusal(error);
  }
  if (!(await tf.setBackend('tensorflow'))) return 'it brought a TensorFlow.js of its own';
  const { isUsingGpuDevice, binding } = tf.backend() as unknown as NodeBackend;
  if (need === 'gpu' && !isUsingGpuDevice) return 'no GPU is visible to it';
  const version = binding.TF_Version ?? 'unknown';
  const device = isUsingGpuDevice ? gpuModel() : (cpus()[0]?.model ?? process.arch);
  const backendName = isUsingGpuDevice ? 'tensorflow-gpu' : 'tensorflow-cpu';
  return {
    name: backendName,
    device,
    deviceClass: isUsingGpuDevice ? 'gpu' : 'cpu',
    threads,
    backendClass: [backendName, version, `${threads}t`, device].join('/'),
    versions: { [name]: loaded.version?.['tfjs-node'] ?? tf.version_core, tensorflow: version, node: process.version },
  };
}
