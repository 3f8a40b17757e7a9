// Postgres refuses to run as root: finds the existing account that it runs as instead.
import { execFileSync } from 'node:child_process';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * @returns undefined when this process is not root and servers simply run as the caller
 */
export function unprivilegedAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    try {
      return { uid: idOf('-u', name), gid: idOf('-g', name) };
    } catch {
      // No such account: the next one.
    }
  }
  // Every Unix reserves this id for "nobody", named or not.
  return { uid: 65_534, gid: 65_534 };
}

function idOf(option: '-u' | '-g', name: string): number {
  return Number(execFileSync('id', [option, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
}
