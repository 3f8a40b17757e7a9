// Reads a JSON file, or standard input, and says in words what is wrong with it.
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';

export class JsonFileError extends Error {
  override readonly name = 'JsonFileError';
  constructor(
    readonly file: string,
    reason: string,
  ) {
    super(`${file}: ${reason}`);
  }
}

/** @param file path, or - for standard input. @throws JsonFileError */
export async function readJson(file: string): Promise<unknown> {
  const name = file === '-' ? 'standard input' : file;
  let content: string;
  try {
    content = file === '-' ? await text(process.stdin) : readFileSync(file, 'utf8');
  } catch (error) {
    throw new JsonFileError(name, `cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
  try {
    // Editors on Windows put a byte order mark in front.
    return JSON.parse(content.replace(/^\uFEFF/, '')) as unknown;
  } catch (error) {
    throw new JsonFileError(name, `is not JSON: ${(error as Error).message}`);
  }
}
