// Evaluates a safetensors file without a run: data, model and weights are opened, attacked and closed again.
import { type Logits, transferAttack } from '@reseed/attacks';
import { type LabelledImages, SplitSizeError } from '@reseed/datasets';
import { type Condition, datasetTraits, type FinalEvaluation, type MaskingGate } from '@reseed/experiment';
import { decodeSafetensors, weightHash } from '@reseed/models';
import * as tf from '@tensorflow/tfjs-core';
import { attackSource, type EvaluationProgress } from './attack-source.ts';
import { createBatchBorder } from './batch-border.ts';
import { openDataset } from './dataset-cache.ts';
import { attackedModel, evaluateSuite, type SuiteOptions } from './evaluate-suite.ts';
import { fittingBatch } from './fitting-batch.ts';
import { measureGates } from './masking-measurements.ts';
import { buildNetwork, evaluationLogits } from './network.ts';

/** A model's weights as they are stored. */
export interface StoredWeights {
  readonly model: Condition['model'];
  readonly normalisation: Condition['normalisation'];
  readonly bytes: Uint8Array;
  /** named in errors */
  readonly file: string;
}

export interface EvaluateWeightsOptions {
  readonly weights: StoredWeights;
  /** an independently trained model for the same images, on which images are made for the first one */
  readonly transferFrom?: StoredWeights | undefined;
  readonly dataset: Condition['dataset'];
  readonly condition: SuiteOptions['condition'];
  readonly seed: number;
  readonly gates: 'measure' | 'skip';
  /** folder with datasets in subfolders of their names; else installed packages hold them */
  readonly dataFolder?: string | undefined;
  /** `as_found`: copies of CIFAR that are not the original files too; results then are not those of the dataset */
  readonly accept?: 'originals' | 'as_found';
  /** JSON file that remembers which files were found to be the originals */
  readonly checkedFiles?: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: EvaluationProgress) => void;
}

export interface WeightsEvaluation {
  /** of the file's tensors: says which run they come from */
  readonly weightHash: string;
  readonly images: number;
  /** share of the images that are classified correctly as they are */
  readonly cleanAccuracy: number;
  /** share of those that are classified correctly after every attack too */
  readonly robustAccuracy: number;
  readonly evaluations: readonly Omit<FinalEvaluation, 'weights'>[];
  /** on the images made with PGD on the other model, where there is one */
  readonly transferAccuracy?: number;
  /** AutoAttack's own, and with `measure` those of `measureGates` */
  readonly gates: readonly Omit<MaskingGate, 'weights'>[];
}

/** Weights that hold a value that is no number, under which every comparison of logits is false. */
export class WeightsNotFiniteError extends RangeError {
  override readonly name = 'WeightsNotFiniteError';
  constructor(
    readonly file: string,
    readonly tensor: string,
  ) {
    super(`${file}: ${tensor} holds a value that is not a finite number`);
  }
}

/** A suite without attacks says nothing about the weights. */
export class NoAttackError extends RangeError {
  override readonly name = 'NoAttackError';
  constructor() {
    super('evaluation.attacks: must hold at least one attack, got []');
  }
}

/**
 * On the backend that is open. Everything allocated is freed, however it ends.
 * @throws NoAttackError; SafetensorsError, ModelOptionError, LayerOrderError, WeightsNotFiniteError for a file that is
 * not the model's; DatasetError, SplitSizeError; AbortError
 */
export async function evaluateWeights(options: EvaluateWeightsOptions): Promise<WeightsEvaluation> {
  const { dataset, condition, seed, signal, onProgress } = options;
  const open: OpenModel[] = [];
  try {
    // What is wrong with a small file is said before a large one is read.
    const { logits, hash } = openModel(options.weights, dataset, open);
    const other = options.transferFrom && openModel(options.transferFrom, dataset, open);
    const source = await testImages(options);
    const border = createBatchBorder(signal);
    const facts = datasetTraits(dataset);
    const suite = { logits, source, facts, condition, seed, border, weights: 'final', onProgress } as const;
    const { evaluations, gates, cleanAccuracy, strongAccuracy } = await evaluateSuite(suite);
    if (cleanAccuracy === undefined || strongAccuracy === undefined) throw new NoAttackError();
    const transfer = other && (await transferAccuracy(suite, other.logits));
    const measured = options.gates === 'measure' ? await measureGates({ ...suite, transferFrom: other?.logits }) : [];
    return {
      weightHash: hash,
      images: source.labels.length,
      cleanAccuracy,
      robustAccuracy: strongAccuracy,
      evaluations,
      ...(transfer === undefined ? {} : { transferAccuracy: transfer }),
      gates: [...gates, ...measured],
    };
  } finally {
    for (const { tensors } of open) tf.dispose([...tensors]);
  }
}

interface OpenModel {
  readonly hash: string;
  readonly logits: Logits;
  readonly tensors: readonly tf.Tensor[];
}

/** Adds what it opened to `open`. */
function openModel(stored: StoredWeights, dataset: Condition['dataset'], open: OpenModel[]): OpenModel {
  const model = buildNetwork({ ...stored, dataset }, datasetTraits(dataset));
  const values = decodeSafetensors(model, stored.bytes, stored.file);
  checkFinite(stored.file, model.parameters, values.weights);
  checkFinite(stored.file, model.buffers, values.buffers);
  const weights = model
    .fromTorchLayout(values.weights)
    .map((tensor, i) => tf.tensor(tensor, [...model.parameters[i].shape], 'float32'));
  const buffers = values.buffers.map((tensor, i) => tf.tensor(tensor, [...model.buffers[i].shape], 'float32'));
  const opened = {
    hash: weightHash(model.inStateOrder(values.weights, values.buffers)),
    logits: evaluationLogits(model, { weights, buffers }),
    tensors: [...weights, ...buffers],
  };
  open.push(opened);
  return opened;
}

function checkFinite(file: string, tensors: readonly { name: string }[], values: readonly Float32Array[]): void {
  const bad = values.findIndex((tensor) => !tensor.every(Number.isFinite));
  if (bad >= 0) throw new WeightsNotFiniteError(file, tensors[bad].name);
}

async function testImages(options: EvaluateWeightsOptions): Promise<LabelledImages> {
  const { dataset, dataFolder, accept = 'originals', checkedFiles } = options;
  const { test, imageShape } = await openDataset(dataset, dataFolder, { accept, checkedFiles });
  const { testSize } = dataset;
  if (testSize > test.labels.length) throw new SplitSizeError('testSize', testSize, test.labels.length);
  const size = imageShape.reduce((product, side) => product * side, 1);
  return { images: test.images.subarray(0, testSize * size), labels: test.labels.subarray(0, testSize) };
}

async function transferAccuracy(suite: SuiteOptions, from: Logits): Promise<number> {
  const { evaluation } = suite.condition;
  const model = attackedModel(suite);
  const outcomes = await attackSource(
    { ...model, batchSize: fittingBatch(model, from) },
    evaluation.epsilon,
    (run) => transferAttack(from, run),
    (progress) => suite.onProgress?.({ ...progress, attack: 'transfer' }),
  );
  return outcomes[outcomes.length - 1].accuracy;
}
