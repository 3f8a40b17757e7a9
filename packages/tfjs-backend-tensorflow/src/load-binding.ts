// Loads a binding that was built here and registers its kernels with this process's TensorFlow.js.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { ADDON, type FoundBinding } from './binding-folder.ts';

interface NodePackage {
  readonly NodeJSKernelBackend: new (binding: unknown, packageName: string) => tf.KernelBackend;
}

/** As the packages of the npm registry do (tfjs-node/src/index.ts). */
const PRIORITY = 3;

/** Another TensorFlow is in this process already: two would end it. */
export class BindingLoadedError extends Error {
  override readonly name = 'BindingLoadedError';
  constructor(
    readonly folder: string,
    readonly loaded: string,
  ) {
    super(`${loaded} is loaded in this process, so ${folder} cannot be`);
  }
}

let loaded: string | undefined;

/**
 * Does what importing @tensorflow/tfjs-node does, without what only its installation and its file formats need.
 * A second call for the same binding does nothing.
 * @throws BindingLoadedError, and what the dynamic linker or the packages throw
 */
export function loadBinding({ folder, kind }: FoundBinding): void {
  if (loaded === folder) return;
  if (loaded !== undefined) throw new BindingLoadedError(folder, loaded);
  const require = createRequire(join(folder, ADDON));
  const binding: unknown = require(`./${ADDON}`);
  // Node.js 23 took these away, and version 4.22 of the package calls them.
  const util = require('node:util') as Record<string, unknown>;
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
  loaded = folder;
  require('@tensorflow/tfjs-node/dist/register_all_kernels');
  const { NodeJSKernelBackend } = require('@tensorflow/tfjs-node/dist/nodejs_kernel_backend') as NodePackage;
  const packageName = kind === 'gpu' ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node';
  tf.registerBackend('tensorflow', () => new NodeJSKernelBackend(binding, packageName), PRIORITY);
}
