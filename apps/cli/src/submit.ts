// `reseed submit FILE|template:NAME`: posts a grid and, with --watch, follows it to its comparison.
import type { SubmitAnswer } from '@reseed/api';
import { readTemplate } from '@reseed/experiment';
import { type ApiClient, experimentPath } from './api-client.ts';
import { printComparison } from './print-comparison.ts';
import { readJson } from './read-json.ts';
import { watchExperiment } from './watch-experiment.ts';

/** @throws JsonFileError, UnknownTemplateError */
const readGrid = async (source: string): Promise<unknown> =>
  source.startsWith('template:') ? readTemplate(source.slice('template:'.length)) : readJson(source);

/** @returns the exit code */
export async function runSubmit(
  client: ApiClient,
  source: string,
  options: { readonly watch?: boolean; readonly dryRun?: boolean; readonly json?: boolean; readonly key?: string },
): Promise<number> {
  const headers = options.key === undefined ? {} : { 'idempotency-key': options.key };
  const body = await readGrid(source);
  const dryRun = options.dryRun === true;
  const path = `/v1/experiments${dryRun ? '?dryRun=true' : ''}`;
  const answer = await client.call<SubmitAnswer>('POST', path, { body, headers });
  const follow = options.watch === true && !dryRun;
  if (options.json === true) {
    // Standard output is one document: with --watch it is that of the end.
    if (!follow) console.log(JSON.stringify(answer));
  } else if (dryRun) console.log(JSON.stringify(answer, undefined, 2));
  else {
    console.log(`experiment ${answer.id}: ${answer.conditions} conditions, ${answer.runs} runs`);
    for (const warning of answer.warnings) console.error(`warning: ${warning}`);
  }
  return follow ? runWatch(client, answer.id, { print: options.json === true ? 'json' : 'table' }) : 0;
}

/** Follows an experiment and prints its comparison. @returns the exit code */
export async function runWatch(
  client: ApiClient,
  id: string,
  options: { readonly print: 'table' | 'json' },
): Promise<number> {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  const view = await watchExperiment(client, id, controller.signal);
  if (view === undefined) return 0;
  if (options.print === 'json') {
    const comparison = await client.call<object>('GET', experimentPath(id, 'comparison'));
    console.log(JSON.stringify({ experiment: view, comparison }));
  } else await printComparison(client, id);
  return view.counts.succeeded === view.runs ? 0 : 1;
}
