// For tests: folders of their own under the system's temporary folder.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { CheckpointIdentity } from './checkpoint-file.ts';

/** Gone after the last test of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'reseed artifacts-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const sampleIdentity: CheckpointIdentity = {
  runKey: 'ab'.repeat(32),
  specVersion: 1,
  backendClass: 'wasm-simd/1/threads-1/simd128',
  codeVersion: '0.1.0+0123456789ab',
};

/** A path that no account, root included, can make a folder of: it leads through a file. */
export const underAFile = (file: string): string => join(file, 'folder');
