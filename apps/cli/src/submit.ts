// `reseed submit FILE|template:NAME`: posts a grid and, with --watch, follows it to its comparison.
import { readFileSync } from 'node:fs';
import type { SubmitAnswer } from '@reseed/api';
import { readTemplate } from '@reseed/experiment';
import type { ApiClient } from './api-client.ts';
import { printComparison } from './print-comparison.ts';
import { watchExperiment } from './watch-experiment.ts';

export class GridFileError extends Error {
  override readonly name = 'GridFileError';
  constructor(
    readonly file: string,
    reason: string,
  ) {
    super(`${file}: ${reason}`);
  }
}

/** @throws GridFileError, UnknownTemplateError */
export function readGrid(source: string): unknown {
  if (source.startsWith('template:')) return readTemplate(source.slice('template:'.length));
  let text: string;
  try {
    text = readFileSync(source === '-' ? 0 : source, 'utf8');
  } catch (error) {
    throw new GridFileError(source, `cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new GridFileError(source, `is not JSON: ${(error as Error).message}`);
  }
}

/** @returns the exit code */
export async function runSubmit(
  client: ApiClient,
  source: string,
  options: { readonly watch?: boolean; readonly dryRun?: boolean; readonly json?: boolean; readonly key?: string },
): Promise<number> {
  const headers = options.key === undefined ? {} : { 'idempotency-key': options.key };
  const answer = await client.call<SubmitAnswer>(
    'POST',
    `/v1/experiments${options.dryRun === true ? '?dryRun=true' : ''}`,
    { body: readGrid(source), headers },
  );
  if (options.dryRun === true || options.json === true)
    console.log(JSON.stringify(answer, undefined, options.json === true ? undefined : 2));
  else console.log(`experiment ${answer.id}: ${answer.conditions} conditions, ${answer.runs} runs`);
  if (options.dryRun === true || options.watch !== true) return 0;
  return runWatch(client, answer.id);
}

/** Follows an experiment and prints its comparison. @returns the exit code */
export async function runWatch(client: ApiClient, id: string): Promise<number> {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  const view = await watchExperiment(client, id, controller.signal);
  if (view === undefined) return 0;
  await printComparison(client, id);
  return view.counts.succeeded === view.runs ? 0 : 1;
}
