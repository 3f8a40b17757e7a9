// The path that needs nothing but Node: TensorFlow.js on WebAssembly with our own kernels.
import { cpus } from 'node:os';
import type { BackendDescription } from '@reseed/experiment';
import { installPortableBackend, portableBackendVersion } from '@reseed/tfjs-backend-portable';
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';

/** WebAssembly's fixed 128-bit vectors: the same bits on every machine that has them, so the CPU's model is no part of the class. */
const INSTRUCTION_SET = 'simd128';

/** Makes the portable backend the process's TensorFlow.js backend; it computes in one thread. */
export async function openPortable(): Promise<BackendDescription> {
  await installPortableBackend();
  return {
    name: 'wasm-simd',
    device: cpus()[0]?.model ?? process.arch,
    deviceClass: 'cpu',
    threads: 1,
    backendClass: ['wasm-simd', `${tf.version_core}+${portableBackendVersion}`, '1t', INSTRUCTION_SET].join('/'),
    versions: { '@tensorflow/tfjs': tf.version_core, portable: portableBackendVersion, node: process.version },
  };
}
