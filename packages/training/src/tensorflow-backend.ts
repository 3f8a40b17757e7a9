// Native TensorFlow: a binding that was built on this machine, else the npm package, both optional; and what it computes on.
import { cpus } from 'node:os';
import type { BackendDescription } from '@reseed/experiment';
import { type BindingKind, findBinding, libraryVersions, loadBinding } from '@reseed/tfjs-backend-tensorflow';
import * as tf from '@tensorflow/tfjs-core';
import { gpuModel } from './gpu-model.ts';
import { setTensorflowSwitches } from './tensorflow-switches.ts';

export const TENSORFLOW_PACKAGES = { gpu: '@tensorflow/tfjs-node-gpu', cpu: '@tensorflow/tfjs-node' } as const;
export type TensorflowPackage = (typeof TENSORFLOW_PACKAGES)[keyof typeof TENSORFLOW_PACKAGES];

/** What the packages' backend object says about itself (tfjs-node/src/nodejs_kernel_backend.ts). */
interface NodeBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version?: string };
}

export interface TensorflowRequest {
  readonly need: 'gpu' | 'any';
  /** folder of the bindings that were built on this machine; none is looked for without it */
  readonly bindings?: string | undefined;
}

/** Why a package that did load was not taken. */
export const NO_GPU = 'no GPU is visible to it';

const NOT_INSTALLED = 'not installed, and no binding was built (reseed backend build-tensorflow)';

/** Why a package did not load, in a line. An absent package and one whose binary was never downloaded are the same case. */
function refusal(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  const absent = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  if (absent || /tfjs_binding\.node|native addon module/i.test(message ?? '')) return NOT_INSTALLED;
  return `does not load: ${(message ?? String(error)).split('\n', 1)[0]}`;
}

interface Loaded {
  /** of the package */
  readonly version: string;
  /** versions of CUDA's libraries, as far as they are known */
  readonly libraries: Readonly<Record<string, string>>;
}

/** A string when nothing was loaded, saying why. */
async function load(name: TensorflowPackage, bindings: string | undefined): Promise<Loaded | string> {
  const kind: BindingKind = name === TENSORFLOW_PACKAGES.gpu ? 'gpu' : 'cpu';
  // Built on purpose, so it comes before what npm happened to install; and only one of both can be in a process.
  const built = bindings === undefined ? undefined : findBinding(bindings, kind);
  if (built !== undefined) {
    try {
      loadBinding(built);
      return { version: tf.version_core, libraries: libraryVersions(built.libraryFolders) };
    } catch (error) {
      return `the binding in ${built.folder} does not load: ${(error as Error).message.split('\n', 1)[0]}`;
    }
  }
  try {
    const { version } = (await import(name)) as { version?: Record<string, string> };
    return { version: version?.['tfjs-node'] ?? tf.version_core, libraries: {} };
  } catch (error) {
    return refusal(error);
  }
}

/** Loads `name` and describes it; a string when it cannot be used, saying why. */
export async function openTensorflow(
  name: TensorflowPackage,
  { need, bindings }: TensorflowRequest,
): Promise<BackendDescription | string> {
  const { threads, all, deviations } = setTensorflowSwitches();
  const loaded = await load(name, bindings);
  if (typeof loaded === 'string') return loaded;
  if (!(await tf.setBackend('tensorflow'))) return 'it brought a TensorFlow.js of its own';
  const { isUsingGpuDevice, binding } = tf.backend() as unknown as NodeBackend;
  if (need === 'gpu' && !isUsingGpuDevice) return NO_GPU;
  const tensorflow = binding.TF_Version ?? 'unknown';
  const device = isUsingGpuDevice ? gpuModel() : (cpus()[0]?.model ?? process.arch);
  const deviceClass = isUsingGpuDevice ? 'gpu' : 'cpu';
  const libraries = isUsingGpuDevice ? loaded.libraries : {};
  const named = Object.entries(libraries).map(([library, version]) => `${library}${version}`);
  return {
    name: `tensorflow-${deviceClass}`,
    device,
    deviceClass,
    threads,
    backendClass: [
      `tensorflow-${deviceClass}`,
      [tensorflow, ...named].join('+'),
      `${threads}t`,
      device,
      ...deviations,
    ].join('/'),
    versions: { [name]: loaded.version, tensorflow, ...libraries, switches: all, node: process.version },
  };
}
