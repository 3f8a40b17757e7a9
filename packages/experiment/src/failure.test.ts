// What follows from each way to fail.
import { expect, it } from 'vitest';
import { FAILURE_KINDS, type FailureAction, type FailureKind, MAX_FAILED_ATTEMPTS } from './failure.ts';

it('is the same every time: lost work is handed back, chance is retried, what would repeat is final', () => {
  const actions = Object.fromEntries(Object.entries(FAILURE_KINDS).map(([kind, { action }]) => [kind, action]));
  expect(actions).toEqual({
    worker_lost: 'handBack',
    handed_back: 'handBack',
    trainer_crashed: 'retry',
    out_of_memory: 'retry',
    internal_error: 'retry',
    dataset_unavailable: 'fail',
    diverged: 'fail',
    invalid_spec: 'fail',
  } satisfies Record<FailureKind, FailureAction>);
});

it('is said in a sentence for every kind', () => {
  for (const { meaning } of Object.values(FAILURE_KINDS)) expect(meaning).toMatch(/^[A-Z].+\.$/);
});

it('ends after three failed attempts', () => {
  expect(MAX_FAILED_ATTEMPTS).toBe(3);
});
