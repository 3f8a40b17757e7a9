// The trainer's side of the protocol: reads messages from the parent, runs one spec at a time, and leaves with its parent.
import type { FromTrainer, HandedAttempt, ToTrainer } from './trainer-protocol.ts';
import type { BackendDescription, EpochMetrics, Failure, RunResult, RunSpec } from '@reseed/experiment';

/** What a trainer does; the real one trains, the benchmarks’ ones do nothing or sleep. */
export interface TrainerWork {
  readonly backend: BackendDescription;
  /** What it writes elsewhere (weights, checkpoints) must be written when it resolves: the result is then sent. */
  run(
    spec: RunSpec,
    events: { audit(audit: object): void; epoch(metrics: EpochMetrics): void },
    signal: AbortSignal,
    attempt: HandedAttempt,
  ): Promise<RunResult>;
  classify(error: unknown): Failure;
}

/** Serves the parent process until it disconnects. */
export async function serveTrainer(open: () => Promise<TrainerWork>): Promise<void> {
  const send = (message: FromTrainer) => {
    // The parent may be gone between two messages; then there is nobody to tell and 'disconnect' ends this process.
    if (process.connected) process.send?.(message);
  };
  process.on('disconnect', () => process.exit(0));
  // Ctrl-C, a closed terminal or a service manager reach the whole process group; the parent decides what happens to the run.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => {});
  let work: TrainerWork;
  try {
    work = await open();
  } catch (error) {
    send({ type: 'unavailable', message: error instanceof Error ? error.message : String(error) });
    process.disconnect?.();
    return;
  }
  let current: { runId: string; attempt: number; controller: AbortController } | undefined;
  const run = async (message: Extract<ToTrainer, { type: 'run' }>) => {
    const { id, spec, runKey } = message;
    const controller = new AbortController();
    current = { ...id, controller };
    try {
      const events = {
        audit: (audit: object) => send({ type: 'audit', id, audit }),
        epoch: (metrics: EpochMetrics) => send({ type: 'epoch', id, metrics }),
      };
      const result = await work.run(spec, events, controller.signal, { ...id, runKey });
      send({ type: 'result', id, result });
    } catch (error) {
      if (controller.signal.aborted) send({ type: 'aborted', id });
      else send({ type: 'failure', id, failure: work.classify(error) });
    }
  };
  process.on('message', (message: ToTrainer) => {
    switch (message.type) {
      case 'run':
        void run(message);
        break;
      case 'abort':
        if (current?.runId === message.id.runId && current.attempt === message.id.attempt) current.controller.abort();
        break;
    }
  });
  send({ type: 'ready', backend: work.backend });
}
