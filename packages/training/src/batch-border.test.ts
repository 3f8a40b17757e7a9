// The pause between batches, with the real clock and the real event loop.
import { expect, it } from 'vitest';
import { createBatchBorder } from './batch-border.ts';

function busy(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

async function abortError(run: Promise<void>): Promise<void> {
  const error = await run.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DOMException);
  expect((error as DOMException).name).toBe('AbortError');
}

it('gives the event loop a turn after 50 ms of work, and none before', async () => {
  let turns = 0;
  const border = createBatchBorder(undefined);
  setImmediate(() => turns++);
  await border();
  await border();
  expect(turns).toBe(0);
  busy(60);
  await border();
  expect(turns).toBe(1);
  setImmediate(() => turns++);
  await border();
  expect(turns).toBe(1);
  busy(60);
  await border();
  expect(turns).toBe(2);
});

it('throws as soon as the signal is aborted, whatever the reason was', async () => {
  const stop = new AbortController();
  const border = createBatchBorder(stop.signal);
  await border();
  stop.abort(new Error('the lease is lost'));
  await abortError(border());
  await abortError(border());
  await abortError(createBatchBorder(AbortSignal.abort())());
});

it('throws when it is aborted in the turn that it gives', async () => {
  const stop = new AbortController();
  const border = createBatchBorder(stop.signal);
  setImmediate(() => stop.abort());
  busy(60);
  await abortError(border());
});
