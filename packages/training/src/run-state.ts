// Everything that moves while a run trains, and its way into a checkpoint and back.
import { canonicalJson, type EarlyStop, type EpochMetrics, type RunSpec, sha256Hex } from '@reseed/experiment';
import type { Model } from '@reseed/models';
import * as tf from '@tensorflow/tfjs-core';
import { AveragedWeights } from './averaged-weights.ts';
import { type Checkpoint, CheckpointError, decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';
import { createOptimizer } from './create-optimizer.ts';
import type { RunData } from './dataset-cache.ts';
import { CarriedPerturbation } from './free-replay.ts';
import { copyValues, disposeValues, initialValues, type ModelValues } from './network.ts';
import type { Optimizer, OptimizerState } from './optimizer.ts';
import { OverfittingGuard } from './overfitting-guard.ts';
import { type Evaluate, type TrackState, WeightTrack } from './weight-track.ts';

export interface RunSetup {
  readonly spec: RunSpec;
  readonly backendClass: string;
  readonly model: Model;
  readonly data: RunData;
  /** Optimiser steps of all epochs. */
  readonly totalSteps: number;
  /** Images of the largest batch. */
  readonly batchImages: number;
  readonly evaluate: Evaluate;
}

interface TrackFacts {
  readonly best: { readonly epoch: number; readonly validationRobustAccuracy: number } | null;
  readonly tested: TrackState['tested'];
}

/** All that is not a vector. Streams need no place here: each follows from the seed and the epoch. */
interface RunFacts {
  /** sha256 of the spec's canonical JSON */
  readonly spec: string;
  readonly backendClass: string;
  /** Epochs that are done. */
  readonly epochs: number;
  readonly stopped: EarlyStop | null;
  readonly history: readonly EpochMetrics[];
  readonly optimizerSteps: number;
  readonly guardAccuracy: number | null;
  readonly raw: TrackFacts;
  readonly averaged: TrackFacts | null;
  readonly seconds: number;
  readonly passes: number;
}

const specHash = (spec: RunSpec): string => sha256Hex(canonicalJson(spec));

export class RunState {
  readonly #setup: RunSetup;
  /** Epochs that are done; those that a guard took back do not count. */
  epochs: number;
  stopped: EarlyStop | undefined;
  values: ModelValues;
  readonly optimizer: Optimizer;
  readonly average: AveragedWeights | undefined;
  readonly perturbation: CarriedPerturbation | undefined;
  readonly guard: OverfittingGuard | undefined;
  readonly raw: WeightTrack;
  readonly averaged: WeightTrack | undefined;
  readonly history: EpochMetrics[];
  /** Seconds and image passes of the attempts before this one. */
  readonly secondsBefore: number;
  readonly passesBefore: number;

  /** @throws CheckpointError for the checkpoint of another run, model or backend */
  constructor(setup: RunSetup, body?: Uint8Array) {
    this.#setup = setup;
    const { spec, model, data, totalSteps, batchImages, evaluate } = setup;
    const { condition, seed } = spec;
    const rows = [batchImages, ...model.imageShape] as [number, number, number, number];
    const saved = body === undefined ? undefined : new SavedRun(setup, decodeCheckpoint<RunFacts>(body));
    const facts = saved?.facts;
    this.epochs = facts?.epochs ?? 0;
    this.stopped = facts?.stopped ?? undefined;
    this.history = [...(facts?.history ?? [])];
    this.secondsBefore = facts?.seconds ?? 0;
    this.passesBefore = facts?.passes ?? 0;
    this.values = saved?.values('') ?? initialValues(model, seed);
    this.optimizer = createOptimizer(condition.optimizer, model.parameterCount, saved?.optimizer);
    this.average = condition.averaging.decay > 0 ? this.#openAverage(totalSteps, saved) : undefined;
    this.perturbation =
      condition.method === 'free' ? (saved?.perturbation(rows) ?? CarriedPerturbation.zero(rows)) : undefined;
    this.guard =
      condition.stopping.overfittingDrop > 0
        ? new OverfittingGuard(condition, seed, facts?.guardAccuracy ?? undefined)
        : undefined;
    this.raw = new WeightTrack(condition, data, evaluate, saved?.track('raw'));
    this.averaged =
      this.average === undefined ? undefined : new WeightTrack(condition, data, evaluate, saved?.track('averaged'));
  }

  #openAverage(totalSteps: number, saved: SavedRun | undefined): AveragedWeights {
    const first = saved?.vector('averaged') ?? this.values.weights;
    const average = new AveragedWeights(this.#setup.spec.condition.averaging, totalSteps, first);
    if (first !== this.values.weights) first.dispose();
    return average;
  }

  /** Averaged weights go with the running statistics of the raw ones, as in DeepMind's code. */
  get averagedValues(): ModelValues | undefined {
    return this.average && { weights: this.average.weights, statistics: this.values.statistics };
  }

  /** What a guard goes back to; the caller disposes of both. */
  snapshot(): { readonly values: ModelValues; readonly average: tf.Tensor1D | undefined } {
    const { average } = this;
    return { values: copyValues(this.values), average: average && tf.keep(tf.clone(average.weights)) };
  }

  /** @param snapshot its values are this run's from now on */
  goBackTo({ values, average }: ReturnType<RunState['snapshot']>): void {
    disposeValues(this.values);
    this.values = values;
    if (average === undefined) return;
    this.average?.restore(average);
    average.dispose();
  }

  /**
   * Reads the device.
   * @param spent seconds and image passes of all attempts so far
   */
  async save(spent: { readonly seconds: number; readonly passes: number }): Promise<Uint8Array> {
    const { spec, backendClass } = this.#setup;
    const vectors = new Map<string, Float32Array>();
    const add = async (name: string, vector: tf.Tensor | undefined) => {
      if (vector !== undefined) vectors.set(name, (await vector.data()) as Float32Array);
    };
    const addValues = async (prefix: string, values: ModelValues | undefined) => {
      await add(`${prefix}weights`, values?.weights);
      await add(`${prefix}statistics`, values?.statistics);
    };
    await addValues('', this.values);
    await add('averaged', this.average?.weights);
    await add('perturbation', this.perturbation?.rows);
    const { steps, moments } = this.optimizer.state;
    for (const [i, moment] of moments.entries()) await add(`moment ${i}`, moment);
    await addValues('raw best ', this.raw.state.best?.values);
    await addValues('averaged best ', this.averaged?.state.best?.values);
    const facts: RunFacts = {
      spec: specHash(spec),
      backendClass,
      epochs: this.epochs,
      stopped: this.stopped ?? null,
      history: this.history,
      optimizerSteps: steps,
      guardAccuracy: this.guard?.accuracy ?? null,
      raw: trackFacts(this.raw.state),
      averaged: this.averaged === undefined ? null : trackFacts(this.averaged.state),
      ...spent,
    };
    return encodeCheckpoint({ facts, vectors });
  }

  dispose(): void {
    disposeValues(this.values);
    for (const owner of [this.optimizer, this.average, this.perturbation, this.guard, this.raw, this.averaged]) {
      owner?.dispose();
    }
  }
}

function trackFacts({ best, tested }: TrackState): TrackFacts {
  if (best === undefined) return { best: null, tested };
  const { epoch, validationRobustAccuracy } = best;
  return { best: { epoch, validationRobustAccuracy }, tested };
}

/** A checkpoint read as the parts of a run; every tensor is the caller's. */
class SavedRun {
  readonly facts: RunFacts;
  readonly #vectors: ReadonlyMap<string, Float32Array>;

  /** @throws CheckpointError */
  constructor({ spec, backendClass, model }: RunSetup, { facts, vectors }: Checkpoint<RunFacts>) {
    if (facts.spec !== specHash(spec)) throw new CheckpointError('it is of another run');
    if (facts.backendClass !== backendClass) {
      throw new CheckpointError(`it was computed by ${facts.backendClass}, this is ${backendClass}`);
    }
    const sizes = { weights: model.parameterCount, statistics: model.buffers.reduce((sum, { size }) => sum + size, 0) };
    for (const [kind, size] of Object.entries(sizes)) {
      const length = vectors.get(kind)?.length ?? 0;
      if (length !== size) throw new CheckpointError(`its ${kind} are ${length} values instead of ${size}`);
    }
    this.facts = facts;
    this.#vectors = vectors;
  }

  vector(name: string): tf.Tensor1D | undefined {
    const values = this.#vectors.get(name);
    return values && tf.tensor1d(values);
  }

  values(prefix: string): ModelValues | undefined {
    const weights = this.vector(`${prefix}weights`);
    return weights && { weights, statistics: this.vector(`${prefix}statistics`) };
  }

  perturbation(
    shape: [images: number, height: number, width: number, channels: number],
  ): CarriedPerturbation | undefined {
    const rows = this.#vectors.get('perturbation');
    return rows && new CarriedPerturbation(tf.tensor4d(rows, shape));
  }

  get optimizer(): OptimizerState {
    const moments = [0, 1].flatMap((i) => this.vector(`moment ${i}`) ?? []);
    return { steps: this.facts.optimizerSteps, moments };
  }

  track(name: 'raw' | 'averaged'): TrackState | undefined {
    const facts = this.facts[name];
    if (facts === null) return undefined;
    const values = this.values(`${name} best `);
    const best = facts.best === null || values === undefined ? undefined : { ...facts.best, values };
    return { best, tested: facts.tested };
  }
}
