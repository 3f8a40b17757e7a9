// The checkpoint that was taken is the one after which nobody asked for another.
import { describe, expect, it } from 'vitest';
import { openCheckpoints } from './open-checkpoints.ts';
import { rememberResume } from './remember-resume.ts';
import { sampleIdentity as identity, temporaryFolder } from './temporary-folder.ts';

const stored = openCheckpoints({ folder: temporaryFolder(), identity, keepLast: 3 });
const { checkpoints, resumedAfter } = rememberResume(stored);

/** Takes the first checkpoint that is good enough. */
async function takeFirst(isGood: (epoch: number) => boolean): Promise<void> {
  for await (const { epoch } of checkpoints.newestFirst()) if (isGood(epoch)) return;
}

describe('resumedAfter', () => {
  it('is undefined where there is no checkpoint, also after one was kept', async () => {
    await takeFirst(() => true);
    for (const epoch of [0, 1, 2]) await checkpoints.keep({ epoch, body: new Uint8Array(1) });
    expect(resumedAfter()).toBeUndefined();
  });

  it('is the epoch of the one that was taken', async () => {
    await takeFirst(() => true);
    expect(resumedAfter()).toBe(2);
    await takeFirst((epoch) => epoch < 2);
    expect(resumedAfter()).toBe(1);
    await takeFirst(() => false);
    expect(resumedAfter()).toBeUndefined();
  });
});
