// Names the code that computed a result: the commit of the clone, else a hash of what was built.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

/** More than any change of a person; a larger one falls back to what was built. */
const LARGEST_CHANGE_BYTES = 2 ** 28;

/**
 * e.g. `0.1.0+3f2a9c1d4b5e`, or `0.1.0+built-3f2a9c1d4b5e` where git knows of no commit, as in an image. Where tracked files differ from the commit, `-modified-` and a hash
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
    return `${version}+built-${builtHash()}`;
  }
}

const ROOT = new URL('../../../', import.meta.url);

/** Of every built file of the workspace, by name and content. */
function builtHash(): string {
  const hash = createHash('sha256');
  for (const group of ['packages', 'apps']) {
    for (const workspace of readdirSync(new URL(group, ROOT)).sort()) {
      const folder = new URL(`${group}/${workspace}/dist/`, ROOT);
      for (const file of builtFiles(folder))
        hash.update(`${workspace}/${file}\n`).update(readFileSync(new URL(file, folder)));
    }
  }
  return hash.digest('hex').slice(0, 12);
}

function builtFiles(folder: URL): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.js'))
      .sort();
  } catch {
    return []; // nothing of this workspace is built
  }
}
