// Turns the table of run transitions into SQL, so that no statement can write `run.state` past it.
import { RUN_TRANSITIONS, type RunState, statesBefore } from '@reseed/experiment';
import { Prisma } from './generated/client.ts';

/** A statement asked for a change of state that the table of transitions does not have. */
export class IllegalTransitionError extends Error {
  override readonly name = 'IllegalTransitionError';
  readonly from: RunState;
  readonly to: RunState;

  constructor(from: RunState, to: RunState) {
    super(
      `run.state may not go from ${from} to ${to}; from ${from} it may go to [${RUN_TRANSITIONS[from].join(', ')}]`,
    );
    this.from = from;
    this.to = to;
  }
}

export interface Transition {
  /** The value for `SET state = …`. */
  readonly state: Prisma.Sql;
  /** The condition on the row before it: `run.state IN (…)`. */
  readonly allowed: Prisma.Sql;
}

/**
 * @param options.from only these states, where a statement leaves fewer than the table permits
 * @throws IllegalTransitionError when the table has no such transition
 */
export function transition(options: { readonly to: RunState; readonly from?: readonly RunState[] }): Transition {
  const { to, from = statesBefore(to) } = options;
  for (const state of from) if (!RUN_TRANSITIONS[state].includes(to)) throw new IllegalTransitionError(state, to);
  // Literals, not parameters: the planner then knows how few runs are running.
  const literals = from.map((state) => `'${state}'::run_state`).join(', ');
  return { state: Prisma.raw(`'${to}'::run_state`), allowed: Prisma.raw(`run.state IN (${literals})`) };
}
