// Opens the place that RESEED_ARTIFACTS names.
import type { Artifacts } from './artifacts.ts';
import { folderArtifacts } from './folder-artifacts.ts';

/** There is no store for this kind of address. */
export class UnsupportedArtifactsError extends Error {
  override readonly name = 'UnsupportedArtifactsError';
  constructor(readonly address: string) {
    super(`RESEED_ARTIFACTS is "${address}" and must be a folder: this version keeps artifacts in folders only`);
  }
}

/** @param address a folder @throws UnsupportedArtifactsError */
export function openArtifacts(address: string): Artifacts {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(address)) throw new UnsupportedArtifactsError(address);
  return folderArtifacts(address);
}
