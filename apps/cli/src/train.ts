// `reseed train`: one run from a spec file, without services; the same spec gives the bits that a run of a grid has.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
import { readJson } from './read-json.ts';

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

const WEIGHT_FILES = {
  final: 'weights.safetensors',
  finalWa: 'weights-wa.safetensors',
  best: 'weights-best.safetensors',
  bestWa: 'weights-best-wa.safetensors',
} as const satisfies Record<keyof TrainedWeights, string>;

const percent = (fraction: number | null): string => (fraction === null ? '–' : `${(100 * fraction).toFixed(1)} %`);

/**
 * Trains and writes `result.json` (weightHash, the metrics beside it, the learning curve and what computed it) and the
 * final weights as safetensors, averaged ones apart.
 *
 * @param options.out folder, made where missing
 * @param options.dataFolder holds datasets; else installed packages do
 * @param options.asFound takes copies of CIFAR that are not the originals; the result then has no runKey
 * @returns what was written
 * @throws JsonFileError, GridError, TrainingFailedError
 */
export async function runTrain(options: {
  readonly spec: string;
  readonly out: string;
  readonly device: 'auto' | 'cpu' | 'gpu';
  readonly dataFolder?: string;
  readonly asFound?: true;
}): Promise<Readonly<Record<string, unknown>>> {
  const spec = parseSpec(await readJson(options.spec));
  // Before the training, not after it: a folder that cannot be written to is bad input.
  mkdirSync(options.out, { recursive: true });
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
  const accept = options.asFound === true ? 'as_found' : 'originals';
  if (accept === 'as_found')
    console.error(`warning: ${spec.condition.dataset.name} as found; results are not those of the dataset`);
  const backend = await openBackend({ device: options.device });
  const data = options.dataFolder === undefined ? {} : { dataFolder: options.dataFolder };
  const epochs: EpochMetrics[] = [];
  let audit: object | null = null;
  const files: Record<string, Uint8Array> = {};
  const events = {
    weights: (trained: TrainedWeights) => {
      for (const [name, bytes] of Object.entries(trained)) files[WEIGHT_FILES[name as keyof TrainedWeights]] = bytes;
    },
    audit: (counted: object) => void (audit = counted),
    epoch: (metrics: EpochMetrics) => {
      epochs.push(metrics);
      const robust = percent(metrics.validationRobustAccuracy ?? metrics.testRobustAccuracy);
      console.error(
        `epoch ${epochs.length}/${spec.condition.epochs}: loss ${metrics.trainLoss.toFixed(4)}, robust ${robust}`,
      );
    },
  };
  try {
    const { weightHash, weightHashWa, metrics, bestEpoch, bestEpochWa, seconds, imagePassesPerSecond } =
      await createTrainer({
        backend,
        accept,
        ...data,
      }).run(spec, events, controller.signal);
    const result = {
      weightHash,
      ...(weightHashWa === undefined ? {} : { weightHashWa, bestEpochWa }),
      ...metrics,
      bestEpoch,
      epochs,
      audit,
      backend: backend.name,
      backendClass: backend.backendClass,
      device: backend.device,
      threads: backend.threads,
      versions: backend.versions,
      seconds,
      imagePassesPerSecond,
      data: accept,
      runKey: accept === 'as_found' ? null : runKeys(spec.condition, [spec.seed])[0],
      seed: spec.seed,
      condition: spec.condition,
    };
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(options.out, name), bytes);
    writeFileSync(join(options.out, 'result.json'), `${JSON.stringify(result, undefined, 2)}\n`);
    return result;
  } catch (error) {
    if (controller.signal.aborted) throw new TrainingFailedError('interrupted', 'nothing was written');
    const { kind, message } = classifyFailure(error);
    throw new TrainingFailedError(kind, message);
  }
}
