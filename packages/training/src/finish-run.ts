// The end of a run: metrics of its weights, the strong attacks on them, and the files that hold them.
import type { BackendDescription, Condition, EvaluatedWeights, Metrics, RunResult } from '@reseed/experiment';
import { encodeSafetensors, type Model, weightHash } from '@reseed/models';
import { assessWeights } from './assess-weights.ts';
import type { BatchBorder } from './batch-border.ts';
import type { RunData } from './dataset-cache.ts';
import { type SuiteResult, trackingRows } from './evaluate-suite.ts';
import { joinMetrics, strongMetrics, suiteWeights } from './evaluation-plan.ts';
import { type ModelValues, torchState, withLogits } from './network.ts';
import type { RunState } from './run-state.ts';
import type { WeightTrack } from './weight-track.ts';

/** As safetensors files, with PyTorch's names and layouts; averaged ones where weights are averaged. */
export type TrainedWeights = Readonly<Record<'final' | 'best', Uint8Array>> &
  Readonly<Partial<Record<'finalWa' | 'bestWa', Uint8Array>>>;

export interface FinishOptions {
  readonly condition: Condition;
  readonly seed: number;
  readonly model: Model;
  readonly data: RunData;
  readonly backend: BackendDescription;
  readonly border: BatchBorder;
  readonly weights: ((trained: TrainedWeights) => void) | undefined;
  /** of all attempts */
  readonly spent: () => { readonly seconds: number; readonly passes: number };
}

/** The two sets of weights that a track ends with. */
interface EndedTrack {
  readonly track: WeightTrack;
  readonly final: EvaluatedWeights;
  readonly best: EvaluatedWeights;
  readonly values: ModelValues;
}

function endedTracks({ raw, averaged, values, averagedValues }: RunState): EndedTrack[] {
  const tracks: EndedTrack[] = [{ track: raw, final: 'final', best: 'best', values }];
  if (averaged !== undefined && averagedValues !== undefined) {
    tracks.push({ track: averaged, final: 'finalWa', best: 'bestWa', values: averagedValues });
  }
  return tracks;
}

/** @throws AbortError */
export async function finishRun(state: RunState, options: FinishOptions): Promise<RunResult> {
  const { model, backend, spent } = options;
  const last = state.epochs - 1;
  const tracks = endedTracks(state);
  const finished = [];
  for (const { track, values } of tracks) finished.push(await track.finish(last, values));
  // The speed is that of training and tracking, from which other runs are estimated; the suite has attacks of its own.
  const tracked = spent();
  const suites = new Map<EvaluatedWeights, SuiteResult>();
  for (const ended of tracks) await runSuites(ended, last, options, suites);

  const files = new Map<EvaluatedWeights, TorchFile>();
  for (const { track, final, best, values } of tracks) {
    files.set(final, await torchFile(model, values));
    files.set(best, await torchFile(model, track.bestValues));
  }
  options.weights?.(Object.fromEntries([...files].map(([name, { bytes }]) => [name, bytes])) as TrainedWeights);
  const accuracies = Object.fromEntries([...suites].map(([name, { strongAccuracy }]) => [name, strongAccuracy]));
  const metrics: Metrics = { ...joinMetrics(finished[0].metrics, finished[1]?.metrics), ...strongMetrics(accuracies) };
  const tracking = finished.flatMap(({ final, best }, i) => [
    ...trackingRows(tracks[i].final, final, final.seconds),
    ...trackingRows(tracks[i].best, best, best.seconds),
  ]);
  const { raw, averaged, stopped } = state;
  const weightHashWa = files.get('finalWa')?.hash;
  return {
    weightHash: (files.get('final') as TorchFile).hash,
    ...(weightHashWa === undefined ? {} : { weightHashWa }),
    metrics,
    evaluations: [...tracking, ...[...suites.values()].flatMap(({ evaluations }) => evaluations)],
    gates: [...suites.values()].flatMap(({ gates }) => gates),
    bestEpoch: raw.bestEpoch,
    ...(averaged === undefined ? {} : { bestEpochWa: averaged.bestEpoch }),
    ...(stopped === undefined ? {} : { stopped }),
    backend,
    seconds: spent().seconds,
    imagePassesPerSecond: tracked.passes / tracked.seconds,
  };
}

/** Adds the suite of each set of weights that the condition asks for; where the last epoch is the best, one serves both. */
async function runSuites(
  { track, final, best, values }: EndedTrack,
  last: number,
  { condition, seed, model, data, border }: FinishOptions,
  suites: Map<EvaluatedWeights, SuiteResult>,
): Promise<void> {
  const assess = (weights: EvaluatedWeights, of: ModelValues) =>
    withLogits(model, of, (logits) =>
      assessWeights({ logits, source: data.test, facts: data, condition, seed, border, weights }),
    );
  const asked = suiteWeights(condition);
  if (asked.includes(final)) suites.set(final, await assess(final, values));
  if (!asked.includes(best)) return;
  const twin = track.bestEpoch === last ? suites.get(final) : undefined;
  suites.set(best, twin === undefined ? await assess(best, track.bestValues) : about(best, twin));
}

/** The same result, of equal weights under another name. */
const about = (weights: EvaluatedWeights, { evaluations, gates, ...accuracies }: SuiteResult): SuiteResult => ({
  ...accuracies,
  evaluations: evaluations.map((row) => ({ ...row, weights })),
  gates: gates.map((gate) => ({ ...gate, weights })),
});

interface TorchFile {
  readonly bytes: Uint8Array;
  readonly hash: string;
}

async function torchFile(model: Model, values: ModelValues): Promise<TorchFile> {
  const { weights, buffers } = await torchState(model, values);
  return {
    bytes: encodeSafetensors(model, weights, buffers),
    hash: weightHash(model.inStateOrder(weights, buffers)),
  };
}
