// The ready-made studies that ship with Reseed, as grids that can be posted as they are.
import { readdirSync, readFileSync } from 'node:fs';
import { unknownName } from './grid-error.ts';

const folder = new URL('../templates/', import.meta.url);

export class UnknownTemplateError extends Error {
  override readonly name = 'UnknownTemplateError';
  constructor(
    readonly template: string,
    readonly known: readonly string[],
  ) {
    super(unknownName('template', template, known).message);
  }
}

/** The names of the ready-made studies. */
export function templateNames(): string[] {
  return readdirSync(folder).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : []));
}

/** @throws UnknownTemplateError that suggests the nearest name */
export function readTemplate(name: string): unknown {
  const known = templateNames();
  if (!known.includes(name)) throw new UnknownTemplateError(name, known);
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'));
}
