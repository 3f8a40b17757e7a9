// Artifacts in a folder:
//
//   runs/<run id>/<attempt>/weights[-best][-wa].safetensors      of the attempt that computed them
//   runs/<run id>/checkpoints/epoch-<epoch>-<mark>.checkpoint    until a result is accepted
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Artifacts, type ArtifactsOwner, InvalidOwnerError } from './artifacts.ts';
import { openCheckpoints, removeCheckpoints } from './open-checkpoints.ts';
import { WEIGHTS_FILES } from './weights-files.ts';
import { namesIn, writeWhole } from './write-whole.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const CHECKPOINTS = 'checkpoints';

/** Nothing is created before the first write. */
export function folderArtifacts(folder: string): Artifacts {
  const runs = join(resolve(folder), 'runs');
  const ofRun = (runId: string): string => {
    if (!UUID.test(runId)) throw new InvalidOwnerError('runId', runId);
    return join(runs, runId);
  };
  const ofAttempt = ({ runId, attempt }: ArtifactsOwner): string => {
    if (!Number.isSafeInteger(attempt) || attempt < 1) throw new InvalidOwnerError('attempt', attempt);
    return join(ofRun(runId), String(attempt));
  };

  return {
    address: resolve(folder),
    async writeWeights(owner, weights, bytes) {
      await writeWhole(join(ofAttempt(owner), WEIGHTS_FILES[weights]), [bytes]);
    },
    async readWeights(owner, weights) {
      const path = join(ofAttempt(owner), WEIGHTS_FILES[weights]);
      try {
        return { bytes: (await stat(path)).size, stream: () => createReadStream(path) };
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    checkpoints: (runId, options) => openCheckpoints({ ...options, folder: join(ofRun(runId), CHECKPOINTS) }),
    async keepOnly(accepted) {
      const [kept, ofThisRun] = [String(accepted.attempt), ofRun(accepted.runId)];
      ofAttempt(accepted);
      for (const name of await namesIn(ofThisRun)) {
        if (name !== kept) await rm(join(ofThisRun, name), { recursive: true, force: true });
      }
    },
    async removeCheckpoints(runId) {
      await removeCheckpoints(join(ofRun(runId), CHECKPOINTS));
    },
    async *unsettledRuns() {
      for (const runId of await namesIn(runs)) {
        if (!UUID.test(runId)) continue;
        const parts = await namesIn(join(runs, runId));
        if (parts.length > 1 || parts.includes(CHECKPOINTS)) yield runId;
      }
    },
  };
}

const isMissing = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code));
