// `reseed backend build-tensorflow`: one build at a time, into the folder in which every command looks for bindings.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { backendSettings, readConfig, withFolderLock } from '@reseed/config';
import { buildBinding, type BuiltBinding } from '@reseed/tfjs-backend-tensorflow';
import { cloneRoot } from './clone-root.ts';

/** A build takes half a minute on two slow cores; unpacking a GPU wheel from a slow disk may take minutes. */
const WAIT_MS = 30 * 60_000;

/** @throws the errors of packages/tfjs-backend-tensorflow, LockTimeoutError */
export async function buildTensorflow(options: {
  readonly tensorflow: string;
  readonly libraries: readonly string[];
}): Promise<BuiltBinding> {
  const bindings = backendSettings({ root: cloneRoot, env: readConfig() }).tensorflowBindings;
  mkdirSync(bindings, { recursive: true });
  const build = () => buildBinding({ ...options, bindings });
  return withFolderLock(join(bindings, 'build.lock'), { waitMs: WAIT_MS }, build);
}

/** What a person is told afterwards. */
export function describeBinding({ kind, tensorflowVersion, folder, how, libraryFolders }: BuiltBinding): string {
  const device = kind === 'gpu' ? 'NVIDIA GPUs, and the CPU' : 'the CPU';
  const cuda =
    libraryFolders.length > 0
      ? `CUDA's libraries are looked for in ${libraryFolders.join(', ')}.`
      : 'CUDA’s libraries must be where the system looks for them (LD_LIBRARY_PATH); --libraries names folders.';
  return [
    `TensorFlow ${tensorflowVersion} for ${device}: ${how === 'built' ? 'built in' : 'was there already,'} ${folder}`,
    ...(kind === 'gpu' ? [cuda] : []),
    '`reseed doctor` says what it computes on.',
  ].join('\n');
}
