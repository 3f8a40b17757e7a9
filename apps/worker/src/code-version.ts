// Names the code that computed a result: the commit of the clone, else the version of the package.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** e.g. `0.1.0+3f2a9c1d` or `0.1.0` outside a clone; `-modified` where tracked files differ from the commit. */
export function codeVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  try {
    const described = execFileSync('git', ['describe', '--always', '--dirty=-modified', '--abbrev=12', '--exclude=*'], {
      cwd: new URL('.', import.meta.url),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return `${version}+${described.trim()}`;
  } catch {
    return version;
  }
}
