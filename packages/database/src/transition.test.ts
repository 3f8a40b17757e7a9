// Changes of `run.state` as SQL: only those of the table can be written down.
import { RUN_STATES, RUN_TRANSITIONS, type RunState } from '@reseed/experiment';
import { describe, expect, it } from 'vitest';
import { IllegalTransitionError, transition } from './transition.ts';

const pairs = RUN_STATES.flatMap((from) => RUN_STATES.map((to): [RunState, RunState] => [from, to]));
const legal = pairs.filter(([from, to]) => RUN_TRANSITIONS[from].includes(to));
const illegal = pairs.filter(([from, to]) => !RUN_TRANSITIONS[from].includes(to));

describe('transition', () => {
  it.each(legal)('from %s to %s is a condition and a value', (from, to) => {
    const { state, allowed } = transition({ to, from: [from] });
    expect(state.sql).toBe(`'${to}'::run_state`);
    expect(allowed.sql).toBe(`run.state IN ('${from}'::run_state)`);
    expect([...state.values, ...allowed.values]).toEqual([]);
  });

  it.each(illegal)('from %s to %s is refused, beside a legal state too', (from, to) => {
    for (const states of [[from], ['running', from] as const, [from, 'running'] as const])
      expect(() => transition({ to, from: states })).toThrow(IllegalTransitionError);
  });

  it('names both states and what would be possible', () => {
    const refused = expect(() => transition({ to: 'running', from: ['succeeded'] }));
    refused.toThrow(expect.objectContaining({ name: 'IllegalTransitionError', from: 'succeeded', to: 'running' }));
    expect(() => transition({ to: 'failed', from: ['queued'] })).toThrow(/\[running, cancelled\]/);
  });

  it('takes every state of the table when none is named', () => {
    expect(transition({ to: 'queued' }).allowed.sql).toBe(
      "run.state IN ('running'::run_state, 'failed'::run_state, 'cancelled'::run_state)",
    );
    expect(transition({ to: 'succeeded' }).allowed.sql).toBe("run.state IN ('running'::run_state)");
  });
});
