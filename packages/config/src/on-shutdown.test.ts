// Graceful shutdown in real processes that get real signals: order of the steps, exit code and what is logged.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly step?: string;
  readonly signal?: string;
  readonly err?: { readonly type: string; readonly message: string };
}

const source = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);
const PRELUDE = `
  import { createLogger } from ${source('logger.ts')};
  import { onShutdown } from ${source('on-shutdown.ts')};
  const logger = createLogger({ name: 'child' });
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const step = (name, ms = 0) => ({
    name,
    close: async () => {
      logger.info({ step: name }, 'closing');
      await pause(ms);
      logger.info({ step: name }, 'closed');
    },
  });
  const working = setInterval(() => {}, 1000);
`;

/** A process that runs this program, with the lines it has logged so far. */
class Program {
  readonly lines: Line[] = [];
  readonly #child: ChildProcess;
  readonly #arrived = new Map<string, () => void>();
  readonly #ended: Promise<unknown[]>;

  constructor(body: string) {
    const node = ['--conditions=source', '--import', 'tsx', '--input-type=module', '--eval'];
    this.#child = spawn(process.execPath, [...node, `${PRELUDE}${body}\nlogger.info('ready');`], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#ended = once(this.#child, 'close');
    if (this.#child.stdout === null) throw new Error('the child has no stdout');
    createInterface(this.#child.stdout).on('line', (text) => {
      const line = JSON.parse(text) as Line;
      this.lines.push(line);
      this.#arrived.get(line.msg)?.();
    });
  }

  /** Waits until a line with this message has come. */
  async until(message: string): Promise<void> {
    if (this.lines.some(({ msg }) => msg === message)) return;
    const line = new Promise<void>((resolve) => this.#arrived.set(message, resolve));
    await Promise.race([line, this.#ended]);
  }

  send(...signals: NodeJS.Signals[]): void {
    for (const signal of signals) this.#child.kill(signal);
  }

  /** Exit code or signal, once all output has come. */
  async end(): Promise<unknown> {
    const [code, signal] = await this.#ended;
    return code ?? signal;
  }

  /** The steps in the order in which they began and ended. */
  get closed(): string[] {
    return this.lines.filter(({ msg }) => msg.startsWith('clos')).map(({ msg, step }) => `${msg} ${step}`);
  }

  messages(level: string): string[] {
    return this.lines.filter((line) => line.level === level).map(({ msg }) => msg);
  }
}

const started: Program[] = [];
afterAll(() => {
  for (const program of started) program.send('SIGKILL');
});

async function start(body: string): Promise<Program> {
  const program = new Program(body);
  started.push(program);
  await program.until('ready');
  return program;
}

const THREE_STEPS = "onShutdown({ logger, steps: [step('server', 50), step('queue'), step('database', 20)] });";
const ALL_CLOSED = ['server', 'queue', 'database'].flatMap((name) => [`closing ${name}`, `closed ${name}`]);

describe.concurrent('a process', () => {
  it('closes step by step on SIGTERM and exits 0', async () => {
    const program = await start(THREE_STEPS);
    program.send('SIGTERM');
    expect(await program.end()).toBe(0);
    expect(program.closed).toEqual(ALL_CLOSED);
    expect(program.lines).toContainEqual(
      expect.objectContaining({ msg: 'Shutting down', level: 'info', signal: 'SIGTERM' }),
    );
    expect(program.messages('error')).toEqual([]);
  });

  it('closes what comes after a step that failed, and exits 1', async () => {
    const program = await start(`
      const broken = { name: 'broken', close: () => { throw new Error('at once'); } };
      const late = { name: 'late', close: async () => { await pause(10); throw new Error('after a while'); } };
      onShutdown({ logger, steps: [step('first'), broken, step('second'), late, step('third')] });`);
    program.send('SIGTERM');
    expect(await program.end()).toBe(1);
    expect(program.closed).toEqual(
      ['first', 'second', 'third'].flatMap((name) => [`closing ${name}`, `closed ${name}`]),
    );
    const failures = program.lines.filter(({ msg }) => msg === 'A shutdown step failed');
    expect(failures.map(({ step, err }) => [step, err?.message])).toEqual([
      ['broken', 'at once'],
      ['late', 'after a while'],
    ]);
    expect(program.messages('error')).toContain('Could not close broken, late.');
  });

  it('exits 1 when the steps take longer than their limit', async () => {
    const program = await start("onShutdown({ logger, limitMs: 300, steps: [step('slow', 60_000), step('never')] });");
    program.send('SIGTERM');
    expect(await program.end()).toBe(1);
    expect(program.closed).toEqual(['closing slow']);
    expect(program.messages('error')).toEqual(['killed by timeout (300ms)']);
  });

  it('takes further signals within a second for an echo', async () => {
    const program = await start(THREE_STEPS);
    program.send('SIGINT', 'SIGTERM', 'SIGINT');
    expect(await program.end()).toBe(0);
    expect(program.closed).toEqual(ALL_CLOSED);
    expect(program.messages('info').filter((message) => message === 'Shutting down')).toHaveLength(1);
  });

  it('ends at once on a second signal after a second', async () => {
    const program = await start("onShutdown({ logger, limitMs: 60_000, steps: [step('slow', 60_000)] });");
    program.send('SIGINT');
    await program.until('Shutting down');
    await sleep(1100);
    program.send('SIGTERM');
    expect(await program.end()).toBe(1);
    expect(program.closed).toEqual(['closing slow']);
    expect(program.messages('error')).toEqual(['Second signal: ending at once']);
  });

  it('closes after an error that nobody catches and exits 1, even when a signal comes meanwhile', async () => {
    const program = await start(
      `${THREE_STEPS.replace('50', '300')} setTimeout(() => { throw new TypeError('lost'); }, 20);`,
    );
    await program.until('Shutting down after an error');
    program.send('SIGTERM');
    expect(await program.end()).toBe(1);
    expect(program.closed).toEqual(ALL_CLOSED);
    const error = program.lines.find(({ msg }) => msg === 'Shutting down after an error');
    expect(error?.err).toMatchObject({ type: 'TypeError', message: 'lost' });
  });

  it('closes when nothing is left to do and exits 0', async () => {
    const program = await start(`${THREE_STEPS} clearInterval(working);`);
    expect(await program.end()).toBe(0);
    expect(program.closed).toEqual(ALL_CLOSED);
  });

  it('closes once when it is told to, however often and whatever else asks', async () => {
    const program = await start(`
      const { shutDown } = onShutdown({ logger, steps: [step('server', 300), step('queue')] });
      shutDown();
      shutDown();`);
    program.send('SIGTERM', 'SIGINT');
    expect(await program.end()).toBe(0);
    expect(program.closed).toEqual(['closing server', 'closed server', 'closing queue', 'closed queue']);
  });

  it.each<NodeJS.Signals>(['SIGTERM', 'SIGHUP'])('ends like any other on %s after cancel', async (signal) => {
    const program = await start(`onShutdown({ logger, steps: [step('server')] }).cancel();`);
    program.send(signal);
    expect(await program.end()).toBe(signal);
    expect(program.closed).toEqual([]);
  });
});
