// The checkpoints of `reseed train` in a folder that a person names, and what that person is told of them.
import { accessSync, constants, mkdirSync } from 'node:fs';
import {
  type CheckpointIdentity,
  type Checkpoints,
  expendable,
  openCheckpoints,
  rememberResume,
} from '@reseed/artifacts';

export interface TrainCheckpoints {
  readonly checkpoints: Checkpoints;
  /** The epoch after which this command went on, from 0. */
  readonly resumedAfter: () => number | undefined;
  /** For whoever has interrupted it. */
  readonly advice: () => string;
}

/** Says on stderr which checkpoints are passed over, and when none can be kept. @throws the system's error when the folder cannot be made or written to */
export function trainCheckpoints(options: {
  readonly folder: string;
  readonly identity: CheckpointIdentity;
  readonly keepLast: number;
}): TrainCheckpoints {
  const { folder, identity, keepLast } = options;
  // Before the training, not after its first epoch.
  mkdirSync(folder, { recursive: true });
  accessSync(folder, constants.W_OK);
  const onRefused = (path: string, reason: string) => console.error(`${path} is passed over: ${reason}`);
  const stored = openCheckpoints({ folder, identity, keepLast, onRefused });
  let newest: number | undefined;
  const noted: Checkpoints = {
    newestFirst: () => stored.newestFirst(),
    async keep(checkpoint) {
      await stored.keep(checkpoint);
      newest = checkpoint.epoch;
    },
  };
  const onLost = (error: unknown) => console.error(`Going on without checkpoints: ${String((error as Error).message)}`);
  const { checkpoints, resumedAfter } = rememberResume(expendable(noted, onLost));
  return {
    checkpoints,
    resumedAfter,
    advice: () => {
      const epoch = newest ?? resumedAfter();
      return epoch === undefined
        ? `before its first checkpoint in ${folder}; the same command starts it again`
        : `the same command goes on after epoch ${epoch + 1}, from its checkpoint in ${folder}`;
    },
  };
}
