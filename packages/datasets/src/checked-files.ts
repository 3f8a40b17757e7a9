// Which files were found to be the originals, so that each is hashed once for as long as its length and times stay the same.
import type { Stats } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What changes when a file is written. The time of change (ctime) does so even where that of modification is set back. */
export type FileState = Pick<Stats, 'size' | 'mtimeMs' | 'ctimeMs'>;

interface CheckedFile extends FileState {
  readonly sha256: string;
}

/** A file that was written this shortly ago could be written again within the same tick of the file system's clock. */
const UNSETTLED_MILLISECONDS = 2000;

/** What this process has hashed, by path. */
const ofThisProcess = new Map<string, CheckedFile>();

const isCheckedFile = (entry: unknown): entry is CheckedFile => {
  const { size, mtimeMs, ctimeMs, sha256 } = (entry ?? {}) as Partial<Record<keyof CheckedFile, unknown>>;
  return [size, mtimeMs, ctimeMs].every((value) => typeof value === 'number') && typeof sha256 === 'string';
};

/** What was remembered; nothing where the file is missing or damaged, as everything can be hashed again. */
async function readEntries(file: string): Promise<Map<string, CheckedFile>> {
  try {
    const stored: unknown = JSON.parse(await readFile(file, 'utf8'));
    const entries = Object.entries(stored as Record<string, unknown>);
    return new Map(entries.filter((entry): entry is [string, CheckedFile] => isCheckedFile(entry[1])));
  } catch {
    return new Map();
  }
}

export class CheckedFiles {
  readonly #file: string | undefined;
  readonly #known: ReadonlyMap<string, CheckedFile>;
  readonly #added = new Map<string, CheckedFile>();

  private constructor(file: string | undefined, known: ReadonlyMap<string, CheckedFile>) {
    this.#file = file;
    this.#known = known;
  }

  /** @param file JSON in which checks outlive this process; without it they do not */
  static async open(file: string | undefined): Promise<CheckedFiles> {
    return new CheckedFiles(file, file === undefined ? new Map() : await readEntries(file));
  }

  /** Whether the file at `path`, in this state, was hashed before and gave `sha256`. */
  has(path: string, { size, mtimeMs, ctimeMs }: FileState, sha256: string): boolean {
    const isSame = (found: CheckedFile | undefined): found is CheckedFile =>
      found?.size === size && found.mtimeMs === mtimeMs && found.ctimeMs === ctimeMs && found.sha256 === sha256;
    if (isSame(this.#known.get(path))) return true;
    const found = ofThisProcess.get(path);
    if (!isSame(found)) return false;
    this.#added.set(path, found);
    return true;
  }

  /** Remembers that the file gave the checksum of the original; any other must not be given here. */
  add(path: string, { size, mtimeMs, ctimeMs }: FileState, sha256: string): void {
    if (Date.now() - Math.max(mtimeMs, ctimeMs) < UNSETTLED_MILLISECONDS) return;
    const checked = { size, mtimeMs, ctimeMs, sha256 };
    ofThisProcess.set(path, checked);
    this.#added.set(path, checked);
  }

  /** Writes what was added. A folder that cannot be written to costs the next process a checksum, and not this one its run. */
  async keep(): Promise<void> {
    const file = this.#file;
    if (file === undefined || this.#added.size === 0) return;
    try {
      await mkdir(dirname(file), { recursive: true });
      // Other processes may have added to it; of two that write at once the last one wins, and the other hashes again.
      const entries = new Map([...(await readEntries(file)), ...this.#added]);
      const beside = `${file}.${process.pid}`;
      await writeFile(beside, `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`);
      await rename(beside, file);
      this.#added.clear();
    } catch (error) {
      if (typeof (error as NodeJS.ErrnoException).syscall !== 'string') throw error;
    }
  }
}
