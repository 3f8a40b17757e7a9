// The reseed command as a person runs it: a real process, its output, its exit code, and `up` until it is ended.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';

const command = join(import.meta.dirname, '../../apps/cli/bin/reseed.mjs');

/** Variables of the caller that would lead the command elsewhere. */
const FOREIGN = [
  'DATABASE_URL',
  'REDIS_URL',
  'RESEED_URL',
  'RESEED_API_KEY',
  'RESEED_ARTIFACTS',
  'RESEED_TENSORFLOW',
  'LOG_LEVEL',
];

type Environment = Readonly<Record<string, string>>;

function start(args: readonly string[], env: Environment): ChildProcess {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.includes(name)));
  return spawn(process.execPath, [command, ...args], { env: { ...own, ...env }, stdio: 'pipe' });
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. */
export async function reseed(
  args: readonly string[],
  options: { readonly env?: Environment; readonly input?: string } = {},
): Promise<Finished> {
  const child = start(args, options.env ?? {});
  // A command that ends without reading its input closes the pipe.
  child.stdin?.on('error', () => {}).end(options.input ?? '');
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout as NodeJS.ReadableStream),
    text(child.stderr as NodeJS.ReadableStream),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}

export interface Up {
  readonly pid: number;
  /** The address of its API. */
  readonly url: string;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  kill(signal: NodeJS.Signals): void;
}

/** `reseed up` on any free port, once it answers. @throws Error with its output when it ends before */
export async function reseedUp(args: readonly string[], env: Environment): Promise<Up> {
  const child = start(['up', ...args], { RESEED_PORT: '0', ...env });
  child.stdin?.end();
  let said = '';
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }) as Awaited<Up['ended']>);
  const url = await new Promise<string>((resolve, reject) => {
    const hear = (part: Buffer) => {
      said += String(part);
      const [, address] = /^API (\S+)/m.exec(said) ?? [];
      if (address !== undefined) resolve(address);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    void ended.then(({ code, signal }) => reject(new Error(`up ended (${code ?? signal}): ${said}`)));
  });
  return { pid: child.pid as number, url, ended, kill: (signal) => void child.kill(signal) };
}
