// What a run reports: per-epoch metrics while it trains, one result at its end.

/** Where tensors were computed; results of different backend classes are never mixed silently. */
export interface BackendDescription {
  /** `tensorflow-gpu`, `tensorflow-cpu` or `wasm-simd` */
  readonly name: string;
  readonly device: string;
  readonly deviceClass: DeviceClass;
  readonly threads: number;
  /** backend + version + threads + instruction set: inside one class the same spec gives the same bits. */
  readonly backendClass: string;
  readonly versions: Readonly<Record<string, string>>;
}

export const DEVICE_CLASSES = ['cpu', 'gpu'] as const;
export type DeviceClass = (typeof DEVICE_CLASSES)[number];

/** One epoch; fractions 0…1; null where the epoch was not evaluated. */
export interface EpochMetrics {
  readonly epoch: number;
  readonly trainLoss: number;
  /** accuracy on the training batches as they were trained on (adversarial for adversarial methods) */
  readonly trainAccuracy: number;
  readonly learningRate: number;
  readonly epsilon: number;
  readonly validationCleanAccuracy: number | null;
  readonly validationRobustAccuracy: number | null;
  readonly testCleanAccuracy: number | null;
  readonly testRobustAccuracy: number | null;
  /** Of the averaged weights; null too where weights are not averaged. */
  readonly validationCleanAccuracyWa: number | null;
  readonly validationRobustAccuracyWa: number | null;
  readonly testCleanAccuracyWa: number | null;
  readonly testRobustAccuracyWa: number | null;
  readonly seconds: number;
}

export type MetricDirection = 'higherIsBetter' | 'lowerIsBetter';

interface MetricFacts {
  readonly direction: MetricDirection;
  readonly meaning: string;
}

/** `robustAccuracyFinal` is the mean over this many last epochs, or over all of a shorter run. */
export const FINAL_EPOCHS = 5;

/** The metrics of a finished run (fractions 0…1), each with its direction and definition. */
const RAW_METRICS = {
  cleanAccuracy: { direction: 'higherIsBetter', meaning: 'Test accuracy of the final weights.' },
  robustAccuracy: {
    direction: 'higherIsBetter',
    meaning:
      'Test robust accuracy of the final weights: correct on the image and on the last iterate of every restart.',
  },
  robustAccuracyBest: {
    direction: 'higherIsBetter',
    meaning: 'Test robust accuracy of the weights with the highest validation robust accuracy (earliest on ties).',
  },
  robustAccuracyFinal: {
    direction: 'higherIsBetter',
    meaning:
      'Mean test robust accuracy of the last min(5, epochs) epochs; of a run that was stopped early, that of its last weights.',
  },
  robustDrop: { direction: 'lowerIsBetter', meaning: 'robustAccuracyBest − robustAccuracyFinal; may be negative.' },
  robustGap: {
    direction: 'lowerIsBetter',
    meaning: 'Robust accuracy on the first training images, unaugmented, minus test, at the end.',
  },
} as const satisfies Record<string, MetricFacts>;

/** Under the attacks of `evaluation.attacks`. */
const STRONG_METRICS = {
  strongAccuracyFinal: {
    direction: 'higherIsBetter',
    meaning:
      'Share of the test images that the final weights get right as they are and under every one of evaluation.attacks.',
  },
  strongAccuracyBest: {
    direction: 'higherIsBetter',
    meaning:
      'The same of the weights with the highest validation robust accuracy, which the attacks of the suite never choose.',
  },
} as const satisfies Record<string, MetricFacts>;

export type RawMetricName = keyof typeof RAW_METRICS;
/** Of which weights each is. */
export const STRONG_METRIC_WEIGHTS = {
  strongAccuracyFinal: 'final',
  strongAccuracyBest: 'best',
} as const satisfies Record<keyof typeof STRONG_METRICS, 'final' | 'best'>;
export type StrongMetricName = keyof typeof STRONG_METRICS;
type UnaveragedMetricName = RawMetricName | StrongMetricName;
/** The same of the averaged weights, which choose their best epoch on their own. */
export type AveragedMetricName = `${UnaveragedMetricName}Wa`;
export type MetricName = UnaveragedMetricName | AveragedMetricName;

export const isAveragedMetric = (name: MetricName): name is AveragedMetricName => name.endsWith('Wa');

/** Of which weights a metric of the suite is, averaged or not; undefined for every other metric. */
export function strongMetricWeights(name: MetricName): 'final' | 'best' | undefined {
  const weights: Readonly<Record<string, 'final' | 'best'>> = STRONG_METRIC_WEIGHTS;
  return weights[name.replace(/Wa$/, '')];
}

const averagedMetric = ([name, facts]: [string, MetricFacts]): [string, MetricFacts] => [
  `${name}Wa`,
  { ...facts, meaning: `${facts.meaning.replace(/\.$/, '')}, of the averaged weights.` },
];

const UNAVERAGED_METRICS = { ...RAW_METRICS, ...STRONG_METRICS };

export const METRICS = {
  ...UNAVERAGED_METRICS,
  ...Object.fromEntries(Object.entries(UNAVERAGED_METRICS).map(averagedMetric)),
} as Readonly<Record<MetricName, MetricFacts>>;
export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];
/**
 * Those of averaged weights are there when weights were averaged, those of the suite when `evaluation.attacks` and
 * `evaluation.weights` asked for them.
 */
export type Metrics = Readonly<Record<RawMetricName, number>> &
  Readonly<Partial<Record<StrongMetricName | AveragedMetricName, number>>>;

/** Which weights of a run an evaluation is about. */
export const EVALUATED_WEIGHTS = ['final', 'best', 'finalWa', 'bestWa'] as const;
export type EvaluatedWeights = (typeof EVALUATED_WEIGHTS)[number];

/** One evaluation of one set of weights on the first images of the test set. */
export interface FinalEvaluation {
  readonly weights: EvaluatedWeights;
  /** `clean`, `tracking` (the attack of `evaluation.steps` and its neighbours) or the id of one of `evaluation.attacks`. */
  readonly attack: string;
  /** Of a protocol of several attacks: the stage after which this was counted; else null. */
  readonly stage: string | null;
  readonly images: number;
  /** fraction of the images that are classified correctly after the attack */
  readonly accuracy: number;
  /** One bit per image, the first in the lowest bit of the first byte; 1 where it is correct. */
  readonly correct: Uint8Array;
  readonly seconds: number;
}

/** A sign that gradients are masked, as measured on one set of weights; `measured` up to `limit` passes. */
export interface MaskingGate {
  readonly weights: EvaluatedWeights;
  readonly gate: string;
  readonly passed: boolean;
  readonly measured: number;
  readonly limit: number;
}

/** Why a run ended before its last epoch, in which epoch (from 0). */
export interface EarlyStop {
  readonly epoch: number;
  readonly reason: 'catastrophic_overfitting' | 'no_improvement';
}

export interface RunResult {
  readonly weightHash: string;
  /** Of the averaged weights; missing where weights are not averaged. */
  readonly weightHashWa?: string;
  readonly metrics: Metrics;
  readonly bestEpoch: number;
  readonly bestEpochWa?: number;
  /** Missing where every epoch was trained. */
  readonly stopped?: EarlyStop;
  /** In no particular order. */
  readonly evaluations: readonly FinalEvaluation[];
  readonly gates: readonly MaskingGate[];
  readonly backend: BackendDescription;
  readonly seconds: number;
  /** forward+backward passes of one image per second, attack and evaluation included */
  readonly imagePassesPerSecond: number;
}
