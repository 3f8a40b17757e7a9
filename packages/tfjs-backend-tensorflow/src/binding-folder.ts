// How a finished binding lies on disk: `<folder>/gpu` and `<folder>/cpu` are links to what was built last of each kind.
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

export type BindingKind = 'gpu' | 'cpu';

/** The file that makes a folder a finished binding; written last. */
export const RECORD = 'binding.json';
export const ADDON = 'tfjs_binding.node';

export interface BindingRecord {
  readonly kind: BindingKind;
  readonly tensorflowVersion: string;
  /** wheel or installed package that it was built from */
  readonly builtFrom: string;
  /** where CUDA's libraries are looked for */
  readonly libraryFolders: readonly string[];
}

export interface FoundBinding extends BindingRecord {
  /** real path, which does not change under a process when another one is built */
  readonly folder: string;
}

/** @param bindings the folder of all bindings; @returns undefined when none of the kind was built */
export function findBinding(bindings: string, kind: BindingKind): FoundBinding | undefined {
  try {
    const folder = realpathSync(join(bindings, kind));
    return { ...(JSON.parse(readFileSync(join(folder, RECORD), 'utf8')) as BindingRecord), folder };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
