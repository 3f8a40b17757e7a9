// The strong attacks of a condition on one set of weights, as the rows that results hold (Croce & Hein 2020).
import { runAttack, versionFlags, versionGates } from '@reseed/attacks';
import {
  attackOverrides,
  type Condition,
  type EvaluatedWeights,
  type EvaluationAttack,
  type FinalEvaluation,
  type MaskingGate,
  packBits,
} from '@reseed/experiment';
import {
  type AttackedModel,
  attackSource,
  type EvaluationProgress,
  inAll,
  shareOf,
  type StageOutcome,
} from './attack-source.ts';
import type { ModelEvaluation } from './evaluate-model.ts';
import { fittingBatch } from './fitting-batch.ts';
import { inspectSource } from './inspect-source.ts';

export interface SuiteOptions extends Omit<AttackedModel, 'norm' | 'batchSize'> {
  readonly condition: {
    readonly attack: Pick<Condition['attack'], 'norm'>;
    readonly evaluation: Pick<Condition['evaluation'], 'attacks' | 'epsilon' | 'batchSize'>;
  };
  /** what the rows are about */
  readonly weights: EvaluatedWeights;
  readonly onProgress?: ((progress: EvaluationProgress) => void) | undefined;
}

export interface SuiteResult {
  /** One row per attack, and of AutoAttack one per stage with what is left after it. */
  readonly evaluations: readonly FinalEvaluation[];
  /** What AutoAttack asks of a model before its result is trusted; empty without it. */
  readonly gates: readonly MaskingGate[];
  /** Share of the images that are classified correctly as they are, and after every attack too; undefined without attacks. */
  readonly cleanAccuracy: number | undefined;
  readonly strongAccuracy: number | undefined;
}

/** The model under attack as its options say, in smaller batches where it is too large for them. */
export function attackedModel({ logits, source, facts, condition, seed, border }: SuiteOptions): AttackedModel {
  const { attack, evaluation } = condition;
  const batchSize = fittingBatch({ facts, batchSize: evaluation.batchSize }, logits);
  return { logits, source, facts, norm: attack.norm, seed, batchSize, border };
}

/**
 * Runs the attacks one after the other, each on all images; an image that is wrong as it is counts as broken for all.
 * The same numbers whatever the batch size. Rejects with whatever the border rejects with, leaving nothing allocated.
 */
export async function evaluateSuite(options: SuiteOptions): Promise<SuiteResult> {
  const model = attackedModel(options);
  const evaluations: FinalEvaluation[] = [];
  const gates: MaskingGate[] = [];
  const survived: Uint8Array[] = [];
  let cleanAccuracy: number | undefined;
  for (const attack of options.condition.evaluation.attacks) {
    const run = (on: Parameters<typeof runAttack>[0]) => runAttack(on, attack.name, attackOverrides(attack));
    const outcomes = await attackSource(model, attack.epsilon, run, (progress) =>
      options.onProgress?.({ ...progress, attack: attack.id }),
    );
    evaluations.push(...rowsOf(attack, outcomes, options.weights));
    cleanAccuracy = outcomes[0].accuracy;
    survived.push(outcomes[outcomes.length - 1].correct);
    if (attack.name === 'autoattack') gates.push(...(await protocolGates(model, attack, outcomes, options.weights)));
  }
  const strongAccuracy = survived.length === 0 ? undefined : shareOf(inAll(survived));
  return { evaluations, gates, cleanAccuracy, strongAccuracy };
}

function rowsOf(
  { name, id }: EvaluationAttack,
  [clean, ...stages]: readonly StageOutcome[],
  weights: EvaluatedWeights,
): FinalEvaluation[] {
  return stages.map(({ stage, correct, accuracy, seconds }, i) => ({
    weights,
    attack: id,
    stage: name === 'autoattack' ? stage : null,
    images: correct.length,
    accuracy,
    correct: packBits(correct),
    seconds: i === 0 ? clean.seconds + seconds : seconds,
  }));
}

/** Named after the attack, as a list may hold the protocol twice. */
async function protocolGates(
  model: AttackedModel,
  { id, epsilon }: EvaluationAttack,
  stages: readonly StageOutcome[],
  weights: EvaluatedWeights,
): Promise<MaskingGate[]> {
  const flags = versionFlags(await inspectSource(model, epsilon), { stages });
  return versionGates(flags).map(({ gate, ...judged }) => ({ weights, gate: `${id}/${gate}`, ...judged }));
}

/** The rows of the evaluation that `evaluateModel` has already done on these weights. */
export function trackingRows(
  weights: EvaluatedWeights,
  { clean, robust, cleanCorrect, robustCorrect }: ModelEvaluation,
  seconds: number,
): FinalEvaluation[] {
  const row = (attack: 'clean' | 'tracking', accuracy: number, correct: Uint8Array): FinalEvaluation => ({
    weights,
    attack,
    stage: null,
    images: correct.length,
    accuracy,
    correct: packBits(correct),
    seconds,
  });
  return [row('clean', clean, cleanCorrect), row('tracking', robust, robustCorrect)];
}
