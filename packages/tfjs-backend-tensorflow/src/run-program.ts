// Runs a program of this system and gives what it printed.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** @throws what `execFile` throws; its `stderr` says why */
export async function runProgram(file: string, args: readonly string[], cwd: string): Promise<string> {
  const options = { cwd, env: { ...process.env, LC_ALL: 'C' }, maxBuffer: 2 ** 26 };
  const { stdout } = await promisify(execFile)(file, args, options);
  return stdout;
}

/** The first line in which a program that failed names an error, else what Node.js says of it. */
export function errorLine(error: unknown): string {
  const { stderr = '', message } = error as { stderr?: string; message: string };
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return (lines.find((line) => /error/i.test(line)) ?? lines[0] ?? message.split('\n', 1)[0]).trim();
}
