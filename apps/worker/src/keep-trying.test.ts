// A write is repeated while Postgres is away, and given up soon after the worker was told to stop.
import { createLogger } from '@reseed/config';
import { describe, expect, it } from 'vitest';
import { keepTrying } from './keep-trying.ts';

const logger = createLogger({ name: 'test', level: 'silent' });

/** Fails so many times, then answers. */
function failing(times: number) {
  let calls = 0;
  return {
    calls: () => calls,
    write: async () => {
      calls += 1;
      if (calls <= times) throw new Error(`away ${calls}`);
      return 'written';
    },
  };
}

describe('keepTrying', () => {
  it('answers at once when the write works', async () => {
    const { write, calls } = failing(0);
    expect(await keepTrying(write, { logger, signal: new AbortController().signal })).toBe('written');
    expect(calls()).toBe(1);
  });

  it('tries again until the write works, with pauses that grow', async () => {
    const { write, calls } = failing(3);
    const started = performance.now();
    expect(await keepTrying(write, { logger, signal: new AbortController().signal })).toBe('written');
    expect(calls()).toBe(4);
    // 100 + 200 + 400 milliseconds of pauses; a timer may fire a little early.
    expect(performance.now() - started).toBeGreaterThan(690);
  });

  it('gives up about a second after the worker was told to stop, with the last error', async () => {
    const { write, calls } = failing(1000);
    const started = performance.now();
    await expect(keepTrying(write, { logger, signal: AbortSignal.abort() })).rejects.toThrow(/^away \d$/);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(calls()).toBeGreaterThan(1);
  });

  it('notices in the middle of its tries that the worker was told to stop', async () => {
    const { write } = failing(1000);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 150);
    const started = performance.now();
    await expect(keepTrying(write, { logger, signal: controller.signal })).rejects.toThrow('away');
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
