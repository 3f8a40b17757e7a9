// One run from its spec to its result: audit, epochs with their evaluations, then the metrics of the final and the best weights.
import type { Logits } from '@reseed/attacks';
import { type Audit, auditRun } from '@reseed/dataloader';
import {
  type BackendDescription,
  type EpochMetrics,
  type RunResult,
  type RunSpec,
  trainingPasses,
} from '@reseed/experiment';
import { createBatchBorder } from './batch-border.ts';
import type { BatchFeed } from './batch-feed.ts';
import { type BatchRecipe, loaderOptions, openRecipe } from './batch-recipe.ts';
import { CheckpointError } from './checkpoint.ts';
import type { RunData } from './dataset-cache.ts';
import { evaluateModel } from './evaluate-model.ts';
import { isValidated } from './evaluation-plan.ts';
import { fittingBatch } from './fitting-batch.ts';
import { finishRun, type TrainedWeights } from './finish-run.ts';
import { buildNetwork, disposeValues, withLogits } from './network.ts';
import type { PreparationThread } from './preparation-thread.ts';
import type { RunCheckpoints } from './run-checkpoints.ts';
import { type RunSetup, RunState } from './run-state.ts';
import { type EpochOfTraining, trainEpoch, type Training } from './train-epoch.ts';
import type { EvaluatedEpoch, Evaluate } from './weight-track.ts';

export interface TrainingEvents {
  /** once, before the first batch: what the draws of the whole run repeat */
  audit(audit: Audit): void;
  /** after every epoch, its evaluations included; a run that goes on reports the epochs before it first */
  epoch(metrics: EpochMetrics): void;
  /** after the training of every epoch: its seconds without evaluations, and those in which it waited for batches */
  pace?(epoch: number, pace: Pick<EpochOfTraining, 'seconds' | 'waitSeconds'>): void;
  /** once, at the end */
  weights?(trained: TrainedWeights): void;
}

export interface RunInput {
  readonly spec: RunSpec;
  readonly data: RunData;
  readonly backend: BackendDescription;
  readonly events: TrainingEvents;
  readonly signal: AbortSignal | undefined;
  readonly checkpoints: RunCheckpoints | undefined;
  /** prepares batches while others are trained on; without it each is prepared in its turn, with the same bits */
  readonly thread?: PreparationThread | undefined;
}

/** Everything allocated for the run is freed, however it ends. @throws DivergedError, AbortError */
export async function trainRun(input: RunInput): Promise<RunResult> {
  const { spec, data, backend, events, signal, checkpoints, thread } = input;
  const started = performance.now();
  const { condition, seed } = spec;
  const { epochs, batchSize } = condition;
  const model = buildNetwork(condition, data);
  const { train, imageShape, classes } = data;
  const recipe: BatchRecipe = { seed, condition, train, imageShape, classes };
  events.audit(auditRun({ epochs, ...loaderOptions(recipe) }));
  const { source, loader } = openRecipe(recipe);
  const border = createBatchBorder(signal);

  let passes = 0;
  let batchImages: number | undefined;
  const evaluate: Evaluate = async (values, images, count = images.labels.length) => {
    const evaluationStarted = performance.now();
    passes += count * condition.evaluation.steps * condition.evaluation.restarts;
    return withLogits(model, values, async (logits) => {
      const { evaluation, attack } = condition;
      const { norm } = attack;
      batchImages ??= fittingBatch({ facts: data, batchSize: evaluation.batchSize }, logits);
      const settings = { ...evaluation, batchSize: batchImages };
      const evaluated = await evaluateModel({
        logits,
        source: images,
        facts: data,
        count,
        settings,
        norm,
        seed,
        border,
      });
      return { ...evaluated, seconds: secondsSince(evaluationStarted) };
    });
  };
  const state = await openState(
    {
      spec,
      backendClass: backend.backendClass,
      model,
      data,
      totalSteps: epochs * loader.batchesPerEpoch * condition.attack.replays,
      batchImages: Math.min(batchSize, loader.samplesPerEpoch),
      evaluate,
    },
    checkpoints,
  );
  const spent = () => ({
    seconds: state.secondsBefore + secondsSince(started),
    passes: state.passesBefore + passes,
  });
  let feed: BatchFeed | undefined;
  try {
    const { batchesPerEpoch } = loader;
    feed = thread?.open({ recipe, firstEpoch: state.epochs, epochs, batchesPerEpoch });
    for (const metrics of state.history) events.epoch(metrics);
    const ahead = feed === undefined ? {} : { feed };
    const training: Training = { condition, seed, model, source, loader, border, ...ahead, ...movingParts(state) };
    while (state.epochs < epochs && state.stopped === undefined) {
      // The forward passes that only predict are not counted.
      passes += loader.samplesPerEpoch * trainingPasses(condition);
      const metrics = await advance(state, training, events);
      if (metrics !== undefined) events.epoch(metrics);
      const ended = state.stopped !== undefined || state.epochs === epochs;
      const wanted = ended || state.epochs % (checkpoints?.every ?? 1) === 0;
      if (wanted) await checkpoints?.keep({ epoch: state.epochs - 1, body: await state.save(spent()) });
    }
    const weights = (trained: TrainedWeights) => events.weights?.(trained);
    return await finishRun(state, { condition, seed, model, data, backend, border, weights, spent });
  } finally {
    feed?.close();
    state.dispose();
  }
}

/** From the newest checkpoint that can be used, else from the beginning. */
async function openState(setup: RunSetup, checkpoints: RunCheckpoints | undefined): Promise<RunState> {
  if (checkpoints !== undefined) {
    for await (const { body } of checkpoints.newestFirst()) {
      try {
        return new RunState(setup, body);
      } catch (error) {
        if (!(error instanceof CheckpointError)) throw error;
      }
    }
  }
  return new RunState(setup);
}

const movingParts = ({ optimizer, average, guard, perturbation }: RunState) => ({
  optimizer,
  ...(average === undefined ? {} : { average }),
  ...(guard === undefined ? {} : { guard }),
  ...(perturbation === undefined ? {} : { perturbation }),
});

/** One epoch with its evaluations; undefined when the guard took it back and ended the run. */
async function advance(state: RunState, training: Training, events: TrainingEvents): Promise<EpochMetrics | undefined> {
  const started = performance.now();
  const { condition } = training;
  const epoch = state.epochs;
  const before = state.guard && state.snapshot();
  try {
    const trained = await trainEpoch(training, epoch, state.values);
    state.values = trained.values;
    events.pace?.(epoch, trained.metrics);
    const judge = (logits: Logits) => state.guard?.overfits(epoch, logits);
    if (before !== undefined && (await withLogits(training.model, state.values, judge)) === true) {
      state.goBackTo(before);
      state.stopped = { epoch, reason: 'catastrophic_overfitting' };
      return undefined;
    }
    state.epochs = epoch + 1;
    const evaluated = await state.raw.closeEpoch(epoch, state.values);
    const { averagedValues } = state;
    const evaluatedWa = averagedValues && (await state.averaged?.closeEpoch(epoch, averagedValues));
    const { patience } = condition.stopping;
    if (patience > 0 && isValidated(condition, epoch) && epoch - state.raw.bestEpoch >= patience) {
      state.stopped = { epoch, reason: 'no_improvement' };
    }
    const metrics = epochMetrics(epoch, trained.metrics, evaluated, evaluatedWa, secondsSince(started));
    state.history.push(metrics);
    return metrics;
  } finally {
    if (before !== undefined && before.values !== state.values) disposeSnapshot(before);
  }
}

function disposeSnapshot({ values, average }: ReturnType<RunState['snapshot']>): void {
  disposeValues(values);
  average?.dispose();
}

const secondsSince = (start: number): number => (performance.now() - start) / 1000;

function epochMetrics(
  epoch: number,
  { loss, accuracy, learningRate, epsilon }: EpochOfTraining,
  { validation, test }: EvaluatedEpoch,
  averaged: EvaluatedEpoch | undefined,
  seconds: number,
): EpochMetrics {
  return {
    epoch,
    trainLoss: loss,
    trainAccuracy: accuracy,
    learningRate,
    epsilon,
    validationCleanAccuracy: validation?.clean ?? null,
    validationRobustAccuracy: validation?.robust ?? null,
    testCleanAccuracy: test?.clean ?? null,
    testRobustAccuracy: test?.robust ?? null,
    validationCleanAccuracyWa: averaged?.validation?.clean ?? null,
    validationRobustAccuracyWa: averaged?.validation?.robust ?? null,
    testCleanAccuracyWa: averaged?.test?.clean ?? null,
    testRobustAccuracyWa: averaged?.test?.robust ?? null,
    seconds,
  };
}
