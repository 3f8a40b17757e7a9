// Our native kernels: compiled at their first use, opened only where they are asked for.
import { cpus } from 'node:os';
import type { BackendDescription } from '@reseed/experiment';
import { installNativeBackend, nativeBackendVersion } from '@reseed/tfjs-backend-native';
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';

export const NATIVE_PACKAGE = '@reseed/tfjs-backend-native';

export interface NativeRequest {
  /** Absolute path of the folder in which compiled kernels, and oneDNN if it has to be fetched, are kept. */
  readonly cacheFolder: string;
  /** An installation of oneDNN 2 or 3 to use instead of the system's. */
  readonly oneDnnPrefix?: string | undefined;
  /** Called before something is compiled, which takes a while and happens once per machine. */
  readonly onCompile?: (() => void) | undefined;
  /** `OMP_NUM_THREADS`, 1 unless told otherwise; every number has its own bits. */
  readonly threads?: number | undefined;
}

function threadsOfEnvironment(): number {
  const threads = Number(process.env['OMP_NUM_THREADS']);
  return Number.isInteger(threads) && threads > 0 ? threads : 1;
}

/** Makes the native kernels the process's TensorFlow.js backend; a string when they cannot be used, saying why. */
export async function openNative({
  threads = threadsOfEnvironment(),
  ...request
}: NativeRequest): Promise<BackendDescription | string> {
  const opened = await installNativeBackend({ ...request, threads });
  if (typeof opened === 'string') return opened;
  const version = `${tf.version_core}+onednn${opened.oneDnnVersion}+kernels${nativeBackendVersion}`;
  return {
    name: 'native-cpu',
    device: cpus()[0]?.model ?? process.arch,
    deviceClass: 'cpu',
    threads,
    backendClass: ['native-cpu', version, `${threads}t`, opened.instructionSet].join('/'),
    versions: {
      '@tensorflow/tfjs': tf.version_core,
      onednn: opened.oneDnnVersion,
      native: nativeBackendVersion,
      node: process.version,
    },
  };
}
