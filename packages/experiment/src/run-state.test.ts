// The life of a run: which state follows which.
import { describe, expect, it } from 'vitest';
import { isTerminal, RUN_STATES, RUN_TRANSITIONS, type RunState, statesBefore } from './run-state.ts';

// "from to": every pair that is not here must be refused.
const ALLOWED = new Set([
  'queued running',
  'queued cancelled',
  'running succeeded',
  'running failed',
  'running cancelled',
  'running queued',
  'failed queued',
  'cancelled queued',
]);
const pairs = RUN_STATES.flatMap((from) => RUN_STATES.map((to): [RunState, RunState] => [from, to]));

describe('a run', () => {
  it.each(pairs)('that is %s becomes %s only where the table says so', (from, to) => {
    const allowed = ALLOWED.has(`${from} ${to}`);
    expect(RUN_TRANSITIONS[from].includes(to)).toBe(allowed);
    expect(statesBefore(to).includes(from)).toBe(allowed);
  });

  it('has only the states of the table', () => {
    expect(Object.keys(RUN_TRANSITIONS)).toEqual([...RUN_STATES]);
    expect(new Set([...ALLOWED].flatMap((pair) => pair.split(' ')))).toEqual(new Set(RUN_STATES));
  });

  it('gets a result only while it runs, and keeps it', () => {
    expect(statesBefore('succeeded')).toEqual(['running']);
    expect(statesBefore('failed')).toEqual(['running']);
    expect(RUN_TRANSITIONS.succeeded).toEqual([]);
  });

  it('has ended in the states that nothing but a retry leaves', () => {
    expect(RUN_STATES.filter(isTerminal)).toEqual(['succeeded', 'failed', 'cancelled']);
    for (const state of RUN_STATES.filter(isTerminal))
      expect(RUN_TRANSITIONS[state].filter((next) => next !== 'queued')).toEqual([]);
  });

  it('can get from its first state to every other', () => {
    const reached = new Set<RunState>(['queued']);
    for (const state of reached) for (const next of RUN_TRANSITIONS[state]) reached.add(next);
    expect(reached).toEqual(new Set(RUN_STATES));
  });
});
