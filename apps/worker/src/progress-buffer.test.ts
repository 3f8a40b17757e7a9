// Reports are written in batches, in order, one write at a time, and none is lost to a write that failed.
import { setTimeout as pause } from 'node:timers/promises';
import type { EpochMetrics } from '@reseed/experiment';
import { describe, expect, it } from 'vitest';
import { type Progress, ProgressBuffer } from './progress-buffer.ts';

const metrics = (epoch: number): EpochMetrics => ({
  epoch,
  trainLoss: 1,
  trainAccuracy: 0.5,
  learningRate: 0.1,
  epsilon: 0.1,
  validationCleanAccuracy: null,
  validationRobustAccuracy: null,
  testCleanAccuracy: null,
  testRobustAccuracy: null,
  validationCleanAccuracyWa: null,
  validationRobustAccuracyWa: null,
  testCleanAccuracyWa: null,
  testRobustAccuracyWa: null,
  seconds: 1,
});

/** Keeps what it is given; `fail` makes the next write throw, `hold` makes writes wait. */
function recorder() {
  const written: { epochs: number[]; audit: object | undefined }[] = [];
  let broken = 0;
  let gate = Promise.resolve();
  let active = 0;
  let mostActive = 0;
  const buffer = new ProgressBuffer(async ({ epochs, audit }: Progress) => {
    active += 1;
    mostActive = Math.max(mostActive, active);
    await gate;
    active -= 1;
    if (broken > 0) {
      broken -= 1;
      throw new Error('Postgres is away');
    }
    written.push({ epochs: epochs.map(({ epoch }) => epoch), audit });
  });
  return {
    buffer,
    written,
    fail: (times: number) => void (broken = times),
    mostActive: () => mostActive,
    hold: () => {
      let release = () => {};
      gate = new Promise((resolve) => (release = resolve));
      return () => release();
    },
  };
}

describe('ProgressBuffer', () => {
  it('writes a burst of reports at once, without being asked', async () => {
    const { buffer, written } = recorder();
    buffer.setAudit({ agrees: true });
    for (let epoch = 0; epoch < 5; epoch++) buffer.addEpoch(metrics(epoch));
    expect(written).toEqual([]);
    await expect.poll(() => written, { timeout: 5000 }).toEqual([{ epochs: [0, 1, 2, 3, 4], audit: { agrees: true } }]);
    await pause(400);
    expect(written).toHaveLength(1);
  });

  it('writes what is left when it is flushed, and nothing when nothing is left', async () => {
    const { buffer, written } = recorder();
    buffer.addEpoch(metrics(0));
    await buffer.flush();
    await buffer.flush();
    expect(written).toEqual([{ epochs: [0], audit: undefined }]);
  });

  it('never writes two batches at the same time, and keeps their order', async () => {
    const { buffer, written, hold, mostActive } = recorder();
    const release = hold();
    buffer.addEpoch(metrics(0));
    const first = buffer.flush();
    await pause(10);
    buffer.addEpoch(metrics(1));
    const second = buffer.flush();
    buffer.addEpoch(metrics(2));
    const third = buffer.flush();
    release();
    await Promise.all([first, second, third]);
    expect(written.flatMap(({ epochs }) => epochs)).toEqual([0, 1, 2]);
    expect(mostActive()).toBe(1);
  });

  it('keeps the reports of a failed write for the next one, before newer reports', async () => {
    const { buffer, written, fail } = recorder();
    fail(1);
    buffer.setAudit({ first: true });
    buffer.addEpoch(metrics(0));
    await expect(buffer.flush()).rejects.toThrow('Postgres is away');
    buffer.addEpoch(metrics(1));
    await buffer.flush();
    expect(written).toEqual([{ epochs: [0, 1], audit: { first: true } }]);
  });

  it('survives a failed write that nobody waited for', async () => {
    const { buffer, written, fail } = recorder();
    fail(1);
    buffer.addEpoch(metrics(0));
    await pause(400);
    expect(written).toEqual([]);
    await buffer.flush();
    expect(written).toEqual([{ epochs: [0], audit: undefined }]);
  });

  it('a newer audit replaces one that a failed write brought back', async () => {
    const { buffer, written, fail, hold } = recorder();
    fail(1);
    const release = hold();
    buffer.setAudit({ version: 'old' });
    const failing = buffer.flush();
    await pause(10);
    buffer.setAudit({ version: 'new' });
    release();
    await expect(failing).rejects.toThrow('Postgres is away');
    await buffer.flush();
    expect(written).toEqual([{ epochs: [], audit: { version: 'new' } }]);
  });

  it('writes nothing more after it was discarded', async () => {
    const { buffer, written } = recorder();
    buffer.setAudit({ agrees: true });
    buffer.addEpoch(metrics(0));
    buffer.discard();
    await buffer.flush();
    await pause(400);
    expect(written).toEqual([]);
  });
});
