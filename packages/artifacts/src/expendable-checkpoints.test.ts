// Checkpoints that fail are said once and done without.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expendable } from './expendable-checkpoints.ts';
import { type Checkpoints, openCheckpoints } from './open-checkpoints.ts';
import { sampleIdentity as identity, temporaryFolder, underAFile } from './temporary-folder.ts';
import { UnwritableFolderError } from './write-error.ts';

const top = temporaryFolder();
const epochsIn = async (checkpoints: Checkpoints) => {
  const epochs: number[] = [];
  for await (const { epoch } of checkpoints.newestFirst()) epochs.push(epoch);
  return epochs;
};
const body = new Uint8Array(10);

describe('expendable', () => {
  it('changes nothing while nothing fails', async () => {
    const errors: unknown[] = [];
    const checkpoints = expendable(openCheckpoints({ folder: join(top, 'fine'), identity }), (e) => errors.push(e));
    for (const epoch of [0, 1, 2]) await checkpoints.keep({ epoch, body });
    expect([await epochsIn(checkpoints), errors]).toEqual([[2, 1], []]);
  });

  it('tells the first error and swallows the rest, reading included', async () => {
    const file = join(top, 'file');
    writeFileSync(file, '');
    const errors: unknown[] = [];
    const strict = openCheckpoints({ folder: underAFile(file), identity });
    await expect(epochsIn(strict)).rejects.toThrow('ENOTDIR');
    const checkpoints = expendable(strict, (error) => errors.push(error));
    for (const epoch of [0, 1, 2]) await checkpoints.keep({ epoch, body });
    expect(await epochsIn(checkpoints)).toEqual([]);
    expect(errors).toEqual([expect.any(UnwritableFolderError)]);
  });
});
