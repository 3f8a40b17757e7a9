// The life of a run.
//
//   queued ──claim──▶ running ──result──▶ succeeded
//     │                 │ ├──failure that repeats──▶ failed
//     │                 │ └──worker lost, handed back, failure worth a retry──▶ queued (the next claim raises `attempt`)
//     └──cancel──▶ cancelled ◀──cancel──┘
//
// Terminal states are never left, except by an explicit retry of the user. Every write of a running attempt carries its
// attempt number and is refused when the run has moved on.

export const RUN_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type RunState = (typeof RUN_STATES)[number];

/** The states that a run may enter from each state. */
export const RUN_TRANSITIONS: Readonly<Record<RunState, readonly RunState[]>> = {
  queued: ['running', 'cancelled'],
  running: ['succeeded', 'failed', 'cancelled', 'queued'],
  succeeded: [],
  failed: ['queued'],
  cancelled: ['queued'],
};

export const isTerminal = (state: RunState): boolean =>
  state === 'succeeded' || state === 'failed' || state === 'cancelled';

/** The states from which `to` may be entered. */
export const statesBefore = (to: RunState): RunState[] =>
  RUN_STATES.filter((from) => RUN_TRANSITIONS[from].includes(to));
