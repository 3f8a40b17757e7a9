// The checkpoints of one run in a folder: a file an epoch, the newest few kept, damaged and foreign ones passed over.
//
// A folder may hold checkpoints of several identities (another run, a run of older code): the name carries a hash of the
// identity, so that none overwrites or counts against another's.
import { createHash } from 'node:crypto';
import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '@reseed/experiment';
import {
  type Checkpoint,
  type CheckpointIdentity,
  encodeCheckpoint,
  readCheckpoint,
  RefusedCheckpointError,
} from './checkpoint-file.ts';
import { namesIn, removeUnfinished, writeWhole } from './write-whole.ts';

export interface Checkpoints {
  /** Those that are whole and of this very run, the newest first; read one by one, as they are asked for. */
  newestFirst(): AsyncIterable<Checkpoint>;
  /** On the disk when it resolves. @throws NoRoomError, UnwritableFolderError */
  keep(checkpoint: Checkpoint): Promise<void>;
}

export interface CheckpointsOptions {
  /** made by the first `keep`; one that is missing holds no checkpoints */
  readonly folder: string;
  readonly identity: CheckpointIdentity;
  /** from 1; default 2, so that one is left when the newest is damaged */
  readonly keepLast?: number;
  /** is told of every file that is passed over, and why */
  readonly onRefused?: (path: string, reason: string) => void;
}

const NAME = /^epoch-(\d{6,})-([0-9a-f]{8})\.checkpoint$/;

interface Named {
  readonly name: string;
  readonly epoch: number;
  readonly mark: string;
}

const checkpointsAmong = (names: readonly string[]): Named[] =>
  names
    .flatMap((name) => {
      const match = NAME.exec(name);
      return match === null ? [] : [{ name, epoch: Number(match[1]), mark: match[2] }];
    })
    .sort((a, b) => b.epoch - a.epoch);

/** undefined when another attempt has removed it meanwhile. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof RefusedCheckpointError) return error.reason;
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? undefined : `it cannot be read: ${message}`;
}

/** @throws RangeError when keepLast is not a whole number from 1 */
export function openCheckpoints(options: CheckpointsOptions): Checkpoints {
  const { folder, identity, keepLast = 2, onRefused = () => {} } = options;
  if (!Number.isSafeInteger(keepLast) || keepLast < 1)
    throw new RangeError(`keepLast must be a whole number from 1, got ${keepLast}`);
  const { runKey, specVersion, backendClass, codeVersion } = identity;
  const ownMark = createHash('sha256')
    .update(canonicalJson({ runKey, specVersion, backendClass, codeVersion }))
    .digest('hex')
    .slice(0, 8);

  return {
    async *newestFirst() {
      const seen = new Set<string>();
      // Listed again for each: another attempt at this run may write newer ones and remove those that were listed.
      for (;;) {
        const next = checkpointsAmong(await namesIn(folder)).find(({ name }) => !seen.has(name));
        if (next === undefined) return;
        seen.add(next.name);
        const path = join(folder, next.name);
        const whole = await readCheckpoint(path, { identity, epoch: next.epoch }).catch((error: unknown) => {
          const reason = reasonOf(error);
          if (reason !== undefined) onRefused(path, reason);
        });
        if (whole !== undefined) yield whole;
      }
    },

    async keep(checkpoint) {
      // What is wrong with the folder, the write says better.
      await removeUnfinished(folder).catch(() => {});
      const name = `epoch-${String(checkpoint.epoch).padStart(6, '0')}-${ownMark}.checkpoint`;
      await writeWhole(join(folder, name), encodeCheckpoint(identity, checkpoint));
      // Later epochs are left alone: another attempt's, which is ahead, or damaged ones, which will be overwritten.
      const older = checkpointsAmong(await readdir(folder)).filter(
        ({ mark, epoch }) => mark === ownMark && epoch <= checkpoint.epoch,
      );
      for (const { name: superfluous } of older.slice(keepLast)) await rm(join(folder, superfluous), { force: true });
    },
  };
}

/** Removes every checkpoint of a folder, whatever its identity, with what dead writers left; and the folder, if it is empty then. */
export async function removeCheckpoints(folder: string): Promise<void> {
  for (const { name } of checkpointsAmong(await namesIn(folder))) await rm(join(folder, name), { force: true });
  await removeUnfinished(folder);
  // Not empty, or not there.
  await rmdir(folder).catch(() => {});
}
