// A backend by its name, with a number of threads: for measurements, where falling back to another one would be a wrong answer.
import type { BackendDescription } from '@reseed/experiment';
import { openBackend } from './backend.ts';
import { NATIVE_PACKAGE, type NativeRequest, openNative } from './native-backend.ts';
import { openPortable } from './portable-backend.ts';
import { openTensorflow, TENSORFLOW_PACKAGES } from './tensorflow-backend.ts';

/** `auto` is what a run gets that says nothing. */
export type BackendName = 'auto' | 'portable' | 'native' | 'tensorflow' | 'gpu';

export interface NamedBackendRequest {
  readonly name: BackendName;
  /** the backend's own choice unless given */
  readonly threads?: number | undefined;
  readonly native: NativeRequest;
  /** Whether `auto` tries native kernels. */
  readonly auto: 'with_native' | 'without_native';
}

/** A backend that was asked for by name and cannot be used here. */
export class BackendUnavailableError extends Error {
  override readonly name = 'BackendUnavailableError';
  constructor(
    readonly backend: BackendName,
    readonly reason: string,
  ) {
    super(`backend "${backend}" was asked for, but it cannot be used: ${reason}`);
  }
}

/** A number of threads that a backend does not compute with. */
export class BackendThreadsError extends RangeError {
  override readonly name = 'BackendThreadsError';
  constructor(
    readonly backend: string,
    readonly threads: number,
    readonly limit: string,
  ) {
    super(`threads: backend "${backend}" ${limit}, got ${threads}`);
  }
}

/**
 * Makes the backend the process's TensorFlow.js backend; nothing else may have been opened before.
 * @throws BackendUnavailableError, BackendThreadsError; GpuUnavailableError for `gpu`
 */
export async function openNamedBackend(request: NamedBackendRequest): Promise<BackendDescription> {
  const { name, threads } = request;
  const native = threads === undefined ? request.native : { ...request.native, threads };
  // TensorFlow reads these when it is loaded.
  if (threads !== undefined) {
    process.env['TF_NUM_INTRAOP_THREADS'] = String(threads);
    process.env['OMP_NUM_THREADS'] = String(threads);
  }
  switch (name) {
    case 'auto': {
      const opened = await openBackend({ device: 'auto', native: request.auto === 'with_native' ? native : undefined });
      return withThreads(opened, threads);
    }
    case 'portable':
      return withThreads(await openPortable(), threads);
    case 'native':
      return orUnavailable(name, NATIVE_PACKAGE, await openNative(native));
    case 'tensorflow':
      return orUnavailable(
        name,
        TENSORFLOW_PACKAGES.cpu,
        await openTensorflow(TENSORFLOW_PACKAGES.cpu, { need: 'any' }),
      );
    case 'gpu':
      if (threads !== undefined) throw new BackendThreadsError(name, threads, 'takes no number of threads');
      return openBackend({ device: 'gpu' });
  }
}

function withThreads(opened: BackendDescription, threads: number | undefined): BackendDescription {
  if (threads === undefined || opened.threads === threads) return opened;
  throw new BackendThreadsError(opened.name, threads, `computes in ${opened.threads} thread(s)`);
}

function orUnavailable(name: BackendName, from: string, opened: BackendDescription | string): BackendDescription {
  if (typeof opened === 'string') throw new BackendUnavailableError(name, `${from}: ${opened}`);
  return opened;
}
