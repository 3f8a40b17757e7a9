// `reseed evaluate`: a file of weights under attack, without services.
import { readFileSync } from 'node:fs';
import { type Condition, GridError, type GridIssue } from '@reseed/experiment';
import { evaluateWeights, openBackend, type StoredWeights } from '@reseed/training';
import { ownCheckedFiles } from './data-folder.ts';
import { evaluationProgress } from './evaluation-progress.ts';
import { describeReport, reportOf } from './evaluation-report.ts';
import { backendRequest } from './backend-request.ts';
import { parseSpec } from './train.ts';

export interface EvaluateFlags {
  readonly weights: string;
  readonly model: string;
  readonly dataset: string;
  readonly attack: readonly string[];
  readonly epsilon: number;
  readonly norm: 'linf' | 'l2';
  readonly testSize: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly normalisation?: 'none' | 'dataset';
  readonly transferFrom?: string;
  readonly transferModel?: string;
  readonly gates?: true;
  readonly dataFolder?: string;
  readonly asFound?: true;
  readonly device: 'auto' | 'cpu' | 'gpu';
  readonly json?: true;
}

/** Flags that cannot be used, by their names. */
export class EvaluateFlagError extends Error {
  override readonly name = 'EvaluateFlagError';
  constructor(readonly problems: readonly string[]) {
    super(problems.join('; '));
  }
}

const FLAGS: Readonly<Record<string, string>> = {
  model: '--model',
  normalisation: '--normalisation',
  seed: '--seed',
  'dataset.name': '--dataset',
  'dataset.testSize': '--test-size',
  'attack.norm': '--norm',
  'attack.epsilon': '--epsilon',
  'evaluation.epsilon': '--epsilon',
  'evaluation.batchSize': '--batch-size',
};

/** Where the axes have the problem, and where the command line does. */
function inFlags({ field, message }: GridIssue, attacks: readonly string[]): string {
  const [, index, inner] = /^evaluation\.attacks\[(\d+)\](?:\.(.+))?$/.exec(field) ?? [];
  if (index === undefined) return `${FLAGS[field] ?? field}: ${message}`;
  return `--attack ${attacks[Number(index)]}: ${inner === undefined ? '' : `${inner} `}${message}`;
}

/** A name as it is, or the object that a JSON text holds. */
function readObject(flag: string, text: string): unknown {
  if (!text.trimStart().startsWith('{')) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new EvaluateFlagError([`${flag} ${text}: is not JSON: ${(error as Error).message}`]);
  }
}

/** The flags as the condition of a run: what grids refuse is refused here. @throws EvaluateFlagError with every problem */
function conditionOf(flags: EvaluateFlags, model: string): Condition {
  const written = flags.attack.length === 0 ? ['pgd'] : flags.attack;
  const dataset = readObject('--dataset', flags.dataset);
  const spec = {
    dataset: { ...(typeof dataset === 'object' ? dataset : { name: dataset }), testSize: flags.testSize },
    model,
    ...(flags.normalisation === undefined ? {} : { normalisation: flags.normalisation }),
    attack: { norm: flags.norm, epsilon: flags.epsilon },
    evaluation: { attacks: written.map((attack) => readObject('--attack', attack)), batchSize: flags.batchSize },
    seed: flags.seed,
  };
  try {
    return parseSpec(spec).condition;
  } catch (error) {
    if (!(error instanceof GridError)) throw error;
    throw new EvaluateFlagError([...new Set(error.issues.map((issue) => inFlags(issue, written)))]);
  }
}

function readWeights(flag: string, file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new EvaluateFlagError([`${flag} ${file}: cannot be read (${code})`]);
  }
}

function otherWeights(flags: EvaluateFlags): StoredWeights | undefined {
  if (flags.transferFrom === undefined) {
    if (flags.transferModel === undefined) return undefined;
    throw new EvaluateFlagError(['--transfer-model: needs --transfer-from']);
  }
  const { model, normalisation } = conditionOf(flags, flags.transferModel ?? flags.model);
  const bytes = readWeights('--transfer-from', flags.transferFrom);
  return { model, normalisation, bytes, file: flags.transferFrom };
}

/**
 * Prints the report on standard output, progress and warnings on standard error.
 * @returns the exit code: 2 when `gates` asked and one failed
 * @throws EvaluateFlagError, and what `evaluateWeights` throws
 */
export async function runEvaluate(flags: EvaluateFlags): Promise<number> {
  const condition = conditionOf(flags, flags.model);
  const { model, normalisation, dataset } = condition;
  const data = flags.asFound === true ? 'as_found' : 'originals';
  const transferFrom = otherWeights(flags);
  const weights = { model, normalisation, bytes: readWeights('--weights', flags.weights), file: flags.weights };
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
  const backend = await openBackend(backendRequest(flags.device));
  const started = performance.now();
  const evaluation = await evaluateWeights({
    weights,
    transferFrom,
    dataset,
    condition,
    seed: flags.seed,
    gates: flags.gates === true ? 'measure' : 'skip',
    dataFolder: flags.dataFolder,
    accept: data,
    checkedFiles: ownCheckedFiles(),
    signal: controller.signal,
    onProgress: evaluationProgress((line) => console.error(line)),
  });
  const seconds = (performance.now() - started) / 1000;
  const report = reportOf({ evaluation, condition, backend, seed: flags.seed, seconds, data });
  for (const warning of report.warnings) console.error(`warning: ${warning}`);
  if (flags.json === true) console.log(JSON.stringify(report));
  else console.log(describeReport(report));
  return flags.gates === true && report.gates.some(({ passed }) => !passed) ? 2 : 0;
}
