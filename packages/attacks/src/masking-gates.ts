// Signs that a defence hides its gradients instead of being robust (Athalye et al. 2018; Carlini et al. 2019), as gates.

/** Robust accuracies are fractions of the same images in the same norm; what was not measured is left out. */
export interface MaskingMeasurements {
  /** robust accuracy by radius, in any order */
  readonly byEpsilon?: readonly { readonly epsilon: number; readonly accuracy: number }[];
  /** accuracy of a guess: 1 / classes */
  readonly chance?: number;
  /** from this radius on, no model may do better than a guess; 0.5 unless given, which is a pixel value of L∞ */
  readonly largeEpsilon?: number;
  readonly fgsm?: number;
  readonly pgd20?: number;
  readonly pgd100?: number;
  /** the same PGD on cross-entropy and on the CW margin */
  readonly pgdCe?: number;
  readonly pgdCw?: number;
  /** the same PGD with its first start alone and with all of them */
  readonly oneRestart?: number;
  readonly allRestarts?: number;
  /** the strongest attack that reads gradients */
  readonly whiteBox?: number;
  /** images made on an independently trained model */
  readonly transfer?: number;
  readonly square?: number;
  /** random points of the ball */
  readonly noise?: number;
  /** fraction of images whose gradient is zero */
  readonly zeroGradientShare?: number;
  /** mean loss at the first and at the last point of PGD */
  readonly lossAtStart?: number;
  readonly lossAtEnd?: number;
}

export type GateName =
  | 'falls-with-epsilon'
  | 'chance-at-large-epsilon'
  | 'more-steps-no-weaker'
  | 'pgd-no-weaker-than-fgsm'
  | 'ce-and-cw-agree'
  | 'restarts-change-little'
  | 'transfer-no-stronger'
  | 'square-no-stronger'
  | 'noise-hurts-less'
  | 'gradients-not-zero'
  | 'loss-rises';

export interface GateResult {
  readonly gate: GateName;
  readonly passed: boolean;
  /** what is compared with the limit: at most the limit passes */
  readonly measured: number;
  readonly limit: number;
}

/** From this radius of L∞ on, an image can be made nearly grey. */
const LARGE_EPSILON = 0.5;
/** A model that always answers one class is right as often as that class comes, which is not quite one in all. */
const CHANCE_SLACK = 0.05;
/** Differences of accuracies that rounding made. */
const ROUNDING = 1e-9;

/**
 * Largest value that passes; `gradients-not-zero` is reported and never fails. More steps get the same point of grace as
 * PGD against FGSM: the last of 100 small steps left 0.3 points more of an honest MNIST model than the last of 20.
 */
const LIMITS = {
  'falls-with-epsilon': 0.01,
  'more-steps-no-weaker': 0.01,
  'pgd-no-weaker-than-fgsm': 0.01,
  'ce-and-cw-agree': 0.05,
  'restarts-change-little': 0.02,
  'transfer-no-stronger': 0,
  'square-no-stronger': 0,
  'noise-hurts-less': 0,
  'gradients-not-zero': 1,
  'loss-rises': 0,
} as const satisfies Partial<Record<GateName, number>>;

/** The gates whose measurements are there, in a fixed order. A failed one withholds a verdict about robustness. */
export function maskingGates(measured: MaskingMeasurements): GateResult[] {
  const {
    byEpsilon = [],
    chance,
    largeEpsilon = LARGE_EPSILON,
    fgsm,
    pgd20,
    pgd100,
    pgdCe,
    pgdCw,
    oneRestart,
    allRestarts,
  } = measured;
  const { whiteBox, transfer, square, noise, zeroGradientShare, lossAtStart, lossAtEnd } = measured;
  const ceCw = difference(pgdCe, pgdCw);
  const curve = byEpsilon.toSorted((a, b) => a.epsilon - b.epsilon);
  const largest = curve.findLast(({ epsilon }) => epsilon >= largeEpsilon)?.accuracy;
  return [
    gate('falls-with-epsilon', largestRise(curve), LIMITS['falls-with-epsilon']),
    gate('chance-at-large-epsilon', largest, chance === undefined ? undefined : chance + CHANCE_SLACK),
    gate('more-steps-no-weaker', difference(pgd100, pgd20), LIMITS['more-steps-no-weaker']),
    gate('pgd-no-weaker-than-fgsm', difference(pgd20, fgsm), LIMITS['pgd-no-weaker-than-fgsm']),
    gate('ce-and-cw-agree', ceCw === undefined ? undefined : Math.abs(ceCw), LIMITS['ce-and-cw-agree']),
    gate('restarts-change-little', difference(oneRestart, allRestarts), LIMITS['restarts-change-little']),
    gate('transfer-no-stronger', difference(whiteBox, transfer), LIMITS['transfer-no-stronger']),
    gate('square-no-stronger', difference(whiteBox, square), LIMITS['square-no-stronger']),
    gate('noise-hurts-less', difference(pgd20 ?? pgdCe, noise), LIMITS['noise-hurts-less']),
    gate('gradients-not-zero', zeroGradientShare, LIMITS['gradients-not-zero']),
    gate('loss-rises', difference(lossAtStart, lossAtEnd), LIMITS['loss-rises']),
  ].flat();
}

function gate(name: GateName, measured: number | undefined, limit: number | undefined): GateResult[] {
  if (measured === undefined || limit === undefined) return [];
  return [{ gate: name, passed: measured <= limit + ROUNDING, measured, limit }];
}

function difference(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a - b;
}

/** The largest growth of accuracy from one radius to the next larger one; negative where it falls everywhere. */
function largestRise(curve: readonly { readonly accuracy: number }[]): number | undefined {
  if (curve.length < 2) return undefined;
  return Math.max(...curve.slice(1).map(({ accuracy }, i) => accuracy - curve[i].accuracy));
}
