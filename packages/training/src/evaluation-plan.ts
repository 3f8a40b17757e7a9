// When a run is evaluated, and what its metrics are made of (Rice et al. 2020: best and final checkpoint).
import {
  type Condition,
  type EvaluatedWeights,
  FINAL_EPOCHS,
  type Metrics,
  type RawMetricName,
  type StrongMetricName,
} from '@reseed/experiment';
import type { Accuracy } from './evaluate-model.ts';

/** Validation chooses the best epoch; the test set is looked at in the last epochs only, and never chooses. */
export function isValidated({ epochs, evaluation }: Condition, epoch: number): boolean {
  return (epoch + 1) % evaluation.every === 0 || epoch === epochs - 1;
}

export function isTested({ epochs }: Condition, epoch: number): boolean {
  return epoch >= epochs - FINAL_EPOCHS;
}

/**
 * @param tests test accuracies of the last epochs, the final epoch's last
 * @param best test robust accuracy of the best epoch's weights
 * @param train robust accuracy on the first training images, unaugmented, at the end
 */
export function runMetrics(tests: readonly Accuracy[], best: number, train: number): Record<RawMetricName, number> {
  const last = tests[tests.length - 1];
  const final = tests.reduce((sum, test) => sum + test.robust, 0) / tests.length;
  return {
    cleanAccuracy: last.clean,
    robustAccuracy: last.robust,
    robustAccuracyBest: best,
    robustAccuracyFinal: final,
    robustDrop: best - final,
    robustGap: train - last.robust,
  };
}

/** The metrics of the raw weights beside those of the averaged ones, where weights are averaged. */
export function joinMetrics(
  raw: Record<RawMetricName, number>,
  averaged: Record<RawMetricName, number> | undefined,
): Metrics {
  const named = Object.entries(averaged ?? {}).map(([name, value]) => [`${name}Wa`, value]);
  return { ...raw, ...(Object.fromEntries(named) as Partial<Metrics>) };
}

/** The weights that the suite and the gates are run on, in this order; none where neither is asked for. */
export function suiteWeights({ evaluation, averaging }: Condition): EvaluatedWeights[] {
  if (evaluation.attacks.length === 0 && !evaluation.gates) return [];
  return evaluation.weights.flatMap((name): EvaluatedWeights[] => (averaging.decay > 0 ? [name, `${name}Wa`] : [name]));
}

const STRONG_METRICS: Readonly<Record<EvaluatedWeights, StrongMetricName | `${StrongMetricName}Wa`>> = {
  final: 'strongAccuracyFinal',
  best: 'strongAccuracyBest',
  finalWa: 'strongAccuracyFinalWa',
  bestWa: 'strongAccuracyBestWa',
};

/** The metrics of the suite, by the weights it was run on; what was not measured is left out. */
export function strongMetrics(
  accuracies: Readonly<Partial<Record<EvaluatedWeights, number | undefined>>>,
): Partial<Metrics> {
  const measured = Object.entries(accuracies).filter(([, accuracy]) => accuracy !== undefined);
  return Object.fromEntries(measured.map(([name, value]) => [STRONG_METRICS[name as EvaluatedWeights], value]));
}
