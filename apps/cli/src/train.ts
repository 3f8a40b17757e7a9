// `reseed train`: one run from a spec file, without services; the same spec gives the bits that a run of a grid has.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WEIGHTS_FILES } from '@reseed/artifacts';
import {
  type EpochMetrics,
  expandGrid,
  GridError,
  type GridIssue,
  parseGrid,
  runKeys,
  type RunSpec,
  SPEC_VERSION,
} from '@reseed/experiment';
import { classifyFailure, createTrainer, openBackend, type TrainedWeights } from '@reseed/training';
import { codeVersion } from '@reseed/worker/code-version';
import { backendRequest } from './backend-request.ts';
import { ownCheckedFiles } from './data-folder.ts';
import { readJson } from './read-json.ts';
import { trainCheckpoints } from './train-checkpoints.ts';

/** A spec names its fields without `base` and has one seed, where a grid has a list. */
const inSpec = ({ field, ...issue }: GridIssue): GridIssue => ({
  ...issue,
  field: field.replace(/^base\.?/, '').replace(/^seeds(\[0\])?$/, 'seed'),
});

/**
 * @param given dataset, the keys of a grid's `base`, one value per axis, and `seed`, in one object; nested or dotted names
 * @throws GridError with every issue
 */
export function parseSpec(given: unknown): RunSpec {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new GridError([{ field: '', message: `a spec is an object, got ${JSON.stringify(given)}`, value: given }]);
  const { seed, ...base } = given as Readonly<Record<string, unknown>>;
  const issues: GridIssue[] = [];
  const parse = () => {
    try {
      return parseGrid({ name: 'train', base, seeds: [seed ?? 0] });
    } catch (error) {
      if (!(error instanceof GridError)) throw error;
      issues.push(...error.issues.map(inSpec));
      return undefined;
    }
  };
  const grid = parse();
  if (seed === undefined) issues.push({ field: 'seed', message: 'is missing; a whole number from 0 to 4294967295' });
  if (grid === undefined || issues.length > 0) throw new GridError(issues);
  const [{ condition, conflicts }] = expandGrid(grid).conditions;
  if (conflicts.length > 0) throw new GridError(conflicts);
  return { specVersion: SPEC_VERSION, condition, seed: grid.seeds[0] };
}

/** Training ended without a result. */
export class TrainingFailedError extends Error {
  override readonly name = 'TrainingFailedError';
  constructor(
    readonly kind: string,
    reason: string,
  ) {
    super(`${kind}: ${reason}`);
  }
}

const percent = (fraction: number | null): string => (fraction === null ? '–' : `${(100 * fraction).toFixed(1)} %`);

/**
 * Trains and writes `result.json` (weightHash, the metrics beside it, the learning curve and what computed it) and the
 * final weights as safetensors, averaged ones apart.
 *
 * @param options.out folder, made where missing
 * @param options.dataFolder holds datasets; else installed packages do
 * @param options.asFound takes copies of CIFAR that are not the originals; the result then has no runKey
 * @param options.checkpoints folder of checkpoints, from the newest of which this very run goes on; none without it
 * @param options.keepLast how many checkpoints stay there, from 1
 * @returns what was written
 * @throws JsonFileError, GridError, TrainingFailedError
 */
export async function runTrain(options: {
  readonly spec: string;
  readonly out: string;
  readonly device: 'auto' | 'cpu' | 'gpu';
  readonly dataFolder?: string;
  readonly asFound?: true;
  readonly checkpoints?: string;
  readonly keepLast: number;
}): Promise<Readonly<Record<string, unknown>>> {
  const spec = parseSpec(await readJson(options.spec));
  // Before the training, not after it: a folder that cannot be written to is bad input.
  mkdirSync(options.out, { recursive: true });
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
  const accept = options.asFound === true ? 'as_found' : 'originals';
  if (accept === 'as_found')
    console.error(`warning: ${spec.condition.dataset.name} as found; results are not those of the dataset`);
  const backend = await openBackend(backendRequest(options.device));
  const data = options.dataFolder === undefined ? {} : { dataFolder: options.dataFolder };
  const [runKey] = runKeys(spec.condition, [spec.seed]);
  const { backendClass } = backend;
  const { checkpoints: folder, keepLast } = options;
  const trainedOn = accept === 'as_found' ? `${runKey} as found` : runKey;
  const identity = () => ({
    runKey: trainedOn,
    specVersion: spec.specVersion,
    backendClass,
    codeVersion: codeVersion(),
  });
  const saved = folder === undefined ? undefined : trainCheckpoints({ folder, identity: identity(), keepLast });
  const epochs: EpochMetrics[] = [];
  let audit: object | null = null;
  const files: Record<string, Uint8Array> = {};
  const events = {
    weights: (trained: TrainedWeights) => {
      for (const [name, bytes] of Object.entries(trained)) files[WEIGHTS_FILES[name as keyof TrainedWeights]] = bytes;
    },
    audit: (counted: object) => void (audit = counted),
    epoch: (metrics: EpochMetrics) => {
      epochs.push(metrics);
      // Those before were told by the command that trained them.
      const resumedAfter = saved?.resumedAfter() ?? -1;
      if (metrics.epoch < resumedAfter) return;
      if (metrics.epoch === resumedAfter) {
        console.error(`resumed after epoch ${epochs.length}/${spec.condition.epochs}`);
        return;
      }
      const robust = percent(metrics.validationRobustAccuracy ?? metrics.testRobustAccuracy);
      console.error(
        `epoch ${epochs.length}/${spec.condition.epochs}: loss ${metrics.trainLoss.toFixed(4)}, robust ${robust}`,
      );
    },
  };
  try {
    const trainer = createTrainer({ backend, accept, checkedFiles: ownCheckedFiles(), ...data });
    const {
      metrics,
      evaluations,
      backend: _,
      ...outcome
    } = await trainer.run(spec, events, controller.signal, saved?.checkpoints);
    const result = {
      ...outcome,
      ...metrics,
      evaluations: evaluations.map(({ correct, ...row }) => ({
        ...row,
        correct: Buffer.from(correct).toString('base64'),
      })),
      epochs,
      audit,
      backend: backend.name,
      backendClass,
      device: backend.device,
      threads: backend.threads,
      versions: backend.versions,
      data: accept,
      runKey: accept === 'as_found' ? null : runKey,
      seed: spec.seed,
      condition: spec.condition,
    };
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(options.out, name), bytes);
    writeFileSync(join(options.out, 'result.json'), `${JSON.stringify(result, undefined, 2)}\n`);
    return result;
  } catch (error) {
    if (controller.signal.aborted)
      throw new TrainingFailedError('interrupted', saved?.advice() ?? 'nothing was written');
    const { kind, message } = classifyFailure(error);
    throw new TrainingFailedError(kind, message);
  }
}
