// The worker's side of the protocol: owns the trainer child, hands it one attempt at a time, and starts a new one after a crash.
import { type ChildProcess, fork } from 'node:child_process';
import {
  type BackendDescription,
  type EpochMetrics,
  type Failure,
  runKeys,
  type RunResult,
  type RunSpec,
} from '@reseed/experiment';
import type { AttemptId, FromTrainer, ToTrainer } from './trainer-protocol.ts';

export class TrainerUnavailableError extends Error {
  override readonly name = 'TrainerUnavailableError';
  constructor(readonly reason: string) {
    super(`the trainer cannot start: ${reason}`);
  }
}

export type TrainerOutcome =
  | { readonly kind: 'result'; readonly result: RunResult }
  | { readonly kind: 'failure'; readonly failure: Failure }
  | { readonly kind: 'aborted' };

export interface TrainerEvents {
  audit(audit: object): void;
  epoch(metrics: EpochMetrics): void;
}

interface Running {
  readonly id: AttemptId;
  readonly events: TrainerEvents;
  readonly settle: (outcome: TrainerOutcome) => void;
}

/** How long a trainer may take to notice an abort before it is killed; it looks between batches. */
const ABORT_GRACE_MILLISECONDS = 2000;

/**
 * Memory of the trainer in huge pages where the system lends them: the first touch of MNIST's 55 MB, page by page, took 200 ms
 * on a virtual machine whose page faults are slow, and 80 ms with it. C libraries other than glibc do not look at it.
 */
const HUGE_PAGES = 'glibc.malloc.hugetlb=1';

/** The environment of trainers. */
export const trainerEnvironment = (): NodeJS.ProcessEnv => ({ GLIBC_TUNABLES: HUGE_PAGES, ...process.env });

export class TrainerProcess {
  #child: ChildProcess | undefined;
  #starting: Promise<BackendDescription> | undefined;
  #running: Running | undefined;
  readonly #modulePath: string;
  readonly #arguments: readonly string[];

  constructor(options: { readonly modulePath: string; readonly arguments: readonly string[] }) {
    this.#modulePath = options.modulePath;
    this.#arguments = options.arguments;
  }

  /** Starts the child unless it lives, and says on what it computes. @throws TrainerUnavailableError */
  start(): Promise<BackendDescription> {
    this.#starting ??= this.#spawn();
    return this.#starting;
  }

  #spawn(): Promise<BackendDescription> {
    const child = fork(this.#modulePath, this.#arguments, {
      env: trainerEnvironment(),
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: process.execArgv.filter((argument) => !argument.startsWith('--inspect')),
    });
    this.#child = child;
    return new Promise((resolve, reject) => {
      child.on('message', (message: FromTrainer) => {
        if (message.type === 'ready') resolve(message.backend);
        else if (message.type === 'unavailable') reject(new TrainerUnavailableError(message.message));
        else this.#receive(message);
      });
      child.on('error', (error) => this.#lost(child, error.message, reject));
      child.on('exit', (code, signal) =>
        this.#lost(child, signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`, reject),
      );
    });
  }

  #lost(child: ChildProcess, reason: string, reject: (error: Error) => void): void {
    reject(new TrainerUnavailableError(reason));
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#starting = undefined;
    this.#settle({
      kind: 'failure',
      failure: { kind: 'trainer_crashed', message: `the trainer process is gone: ${reason}` },
    });
  }

  #settle(outcome: TrainerOutcome): void {
    const running = this.#running;
    this.#running = undefined;
    running?.settle(outcome);
  }

  #receive(message: Exclude<FromTrainer, { type: 'ready' | 'unavailable' }>): void {
    const running = this.#running;
    if (running === undefined || running.id.runId !== message.id.runId || running.id.attempt !== message.id.attempt)
      return;
    switch (message.type) {
      case 'audit':
        running.events.audit(message.audit);
        break;
      case 'epoch':
        running.events.epoch(message.metrics);
        break;
      case 'result':
        this.#settle({ kind: 'result', result: message.result });
        break;
      case 'failure':
        this.#settle({ kind: 'failure', failure: message.failure });
        break;
      case 'aborted':
        this.#settle({ kind: 'aborted' });
        break;
    }
  }

  /**
   * Trains one attempt; settles exactly once, also when the child dies. An abort that is not noticed kills the child,
   * and the attempt counts as aborted all the same.
   * @throws TrainerUnavailableError
   */
  async run(id: AttemptId, spec: RunSpec, events: TrainerEvents, signal: AbortSignal): Promise<TrainerOutcome> {
    await this.start();
    if (signal.aborted) return { kind: 'aborted' };
    let killTimer: NodeJS.Timeout | undefined;
    let killed = false;
    const [runKey] = runKeys(spec.condition, [spec.seed]);
    const abort = () => {
      this.#send({ type: 'abort', id });
      killTimer = setTimeout(() => {
        killed = true;
        this.#child?.kill('SIGKILL');
      }, ABORT_GRACE_MILLISECONDS);
    };
    try {
      const outcome = await new Promise<TrainerOutcome>((settle) => {
        this.#running = { id, events, settle };
        signal.addEventListener('abort', abort, { once: true });
        this.#send({ type: 'run', id, spec, runKey });
      });
      // A trainer that we ended did not crash: the run must not pay for it with one of its tries.
      return killed && outcome.kind === 'failure' ? { kind: 'aborted' } : outcome;
    } finally {
      signal.removeEventListener('abort', abort);
      clearTimeout(killTimer);
    }
  }

  #send(message: ToTrainer): void {
    // A send to a child that just died fails; its 'exit' event settles the run.
    if (this.#child?.connected === true) this.#child.send(message, () => {});
  }

  /** Ends the child and waits until it is gone. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.disconnect();
    const timer = setTimeout(() => child.kill('SIGKILL'), ABORT_GRACE_MILLISECONDS);
    await gone;
    clearTimeout(timer);
  }
}
