// Names the code that computed a result: the commit of the clone, else the version of the package.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** More than any change of a person; a larger one falls back to the version of the package. */
const LARGEST_CHANGE_BYTES = 2 ** 28;

/**
 * e.g. `0.1.0+3f2a9c1d4b5e` or `0.1.0` outside a clone. Where tracked files differ from the commit, `-modified-` and a hash
 * of the differences follow: results and checkpoints of two changes must not pass for those of one code.
 *
 * @param folder of the code that is asked about; default this one's
 */
export function codeVersion(folder: URL = new URL('.', import.meta.url)): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const git = (...args: string[]): Buffer =>
    execFileSync('git', args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: LARGEST_CHANGE_BYTES });
  try {
    const described = String(git('describe', '--always', '--dirty=-modified', '--abbrev=12', '--exclude=*')).trim();
    if (!described.endsWith('-modified')) return `${version}+${described}`;
    const change = createHash('sha256')
      .update(git('diff', 'HEAD', '--binary'))
      .digest('hex')
      .slice(0, 8);
    return `${version}+${described}-${change}`;
  } catch {
    return version;
  }
}
