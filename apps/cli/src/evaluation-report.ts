// The report of `reseed evaluate`: one JSON document, and the same as tables.
import type { BackendDescription, Condition } from '@reseed/experiment';
import type { WeightsEvaluation } from '@reseed/training';
import Table from 'cli-table3';

interface StageReport {
  /** the attack, or of a protocol the attack that this stage of it is */
  readonly attack: string;
  /** share of all images that are classified correctly after it; within a protocol, after the stages before it too */
  readonly robustAccuracy: number;
  readonly seconds: number;
  /** missing where the attack is no part of a protocol */
  readonly protocol?: string;
  readonly epsilon: number;
}

export interface EvaluationReport {
  readonly cleanAccuracy: number;
  readonly robustAccuracy: number;
  readonly stages: readonly StageReport[];
  readonly transferAccuracy?: number;
  readonly gates: WeightsEvaluation['gates'];
  readonly warnings: readonly string[];
  readonly model: string;
  readonly dataset: string;
  readonly images: number;
  readonly norm: string;
  readonly epsilon: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly normalisation: string;
  readonly weightHash: string;
  readonly seconds: number;
  readonly backend: string;
  readonly backendClass: string;
  readonly versions: Readonly<Record<string, string>>;
}

export function reportOf(facts: {
  readonly evaluation: WeightsEvaluation;
  readonly condition: Condition;
  readonly backend: BackendDescription;
  readonly seed: number;
  readonly seconds: number;
  readonly data: 'originals' | 'as_found';
}): EvaluationReport {
  const { evaluation, condition, backend, seed, seconds } = facts;
  const radius = new Map(condition.evaluation.attacks.map(({ id, epsilon }) => [id, epsilon]));
  const { cleanAccuracy, robustAccuracy, transferAccuracy, gates, images, weightHash } = evaluation;
  const failed = gates.filter(({ passed }) => !passed);
  return {
    cleanAccuracy,
    robustAccuracy,
    stages: evaluation.evaluations.map(({ attack, stage, accuracy, seconds: taken }) => ({
      attack: stage ?? attack,
      robustAccuracy: accuracy,
      seconds: taken,
      ...(stage === null ? {} : { protocol: attack }),
      epsilon: radius.get(attack) as number,
    })),
    ...(transferAccuracy === undefined ? {} : { transferAccuracy }),
    gates,
    warnings: [
      ...(facts.data === 'as_found' ? ['the files of the dataset were taken as found: these are not its results'] : []),
      ...failed.map(({ gate, measured, limit }) => `${gate} failed: measured ${measured}, limit ${limit}`),
    ],
    model: condition.model,
    dataset: condition.dataset.name,
    images,
    norm: condition.attack.norm,
    epsilon: condition.evaluation.epsilon,
    batchSize: condition.evaluation.batchSize,
    seed,
    normalisation: condition.normalisation,
    weightHash,
    seconds,
    backend: backend.name,
    backendClass: backend.backendClass,
    versions: backend.versions,
  };
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

/** The report for people. */
export function describeReport(report: EvaluationReport): string {
  const accuracies = new Table({ head: ['', 'accuracy', 'seconds'], style: { head: [], border: [], compact: true } });
  accuracies.push(['as they are', percent(report.cleanAccuracy), '']);
  for (const { attack, protocol, robustAccuracy, seconds } of report.stages)
    accuracies.push([
      protocol === undefined ? attack : `${protocol}: ${attack}`,
      percent(robustAccuracy),
      seconds.toFixed(1),
    ]);
  if (report.transferAccuracy !== undefined) accuracies.push(['transfer', percent(report.transferAccuracy), '']);
  accuracies.push(['robust to all', percent(report.robustAccuracy), report.seconds.toFixed(1)]);
  const { model, dataset, images, norm, epsilon, backendClass } = report;
  const head = `${model} on the first ${images} test images of ${dataset}, ${norm}, epsilon ${epsilon}; ${backendClass}`;
  if (report.gates.length === 0) return `${head}\n${accuracies.toString()}`;
  const gates = new Table({ head: ['gate', 'measured', 'limit', ''], style: { head: [], border: [], compact: true } });
  for (const { gate, measured, limit, passed } of report.gates)
    gates.push([gate, measured.toFixed(4), String(limit), passed ? 'passed' : 'FAILED']);
  return `${head}\n${accuracies.toString()}\n${gates.toString()}`;
}
