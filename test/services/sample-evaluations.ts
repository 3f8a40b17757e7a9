// Evaluations and gates of models that never were, with bits that are worth their accuracies.
import type { FinalEvaluation, MaskingGate } from '@reseed/experiment';

/** One bit per image, the first in the lowest bit of the first byte. */
export function bitsOf(images: number, isCorrect: (image: number) => boolean): Uint8Array {
  const bits = new Uint8Array(Math.ceil(images / 8));
  for (let image = 0; image < images; image++) if (isCorrect(image)) bits[image >> 3] |= 1 << (image & 7);
  return bits;
}

export interface SampleEvaluation extends Partial<FinalEvaluation> {
  /** the images that are not classified correctly; every third unless told */
  readonly wrong?: readonly number[];
}

export function sampleEvaluation({ wrong, ...given }: SampleEvaluation = {}): FinalEvaluation {
  const { images = 13 } = given;
  const errors = new Set(wrong ?? Array.from({ length: Math.ceil(images / 3) }, (_, index) => 3 * index));
  const accuracy = (images - errors.size) / images;
  const correct = bitsOf(images, (image) => !errors.has(image));
  return { weights: 'final', attack: 'tracking', stage: null, images, accuracy, correct, seconds: 0.75, ...given };
}

/** Both weights under several attacks, one of them with stages: seven evaluations. */
export const sampleEvaluations = (images = 13): FinalEvaluation[] => [
  sampleEvaluation({ images, attack: 'clean', wrong: [] }),
  sampleEvaluation({ images, attack: 'tracking', wrong: [0, 5, images - 1] }),
  sampleEvaluation({ images, weights: 'bestWa', attack: 'tracking', wrong: [2] }),
  sampleEvaluation({ images, attack: 'autoattack', stage: 'apgd-ce', wrong: [0, 5, 7] }),
  sampleEvaluation({ images, attack: 'autoattack', stage: 'apgd-t', wrong: [0, 5, 7, 8] }),
  sampleEvaluation({ images, attack: 'autoattack', wrong: [0, 5, 7, 8, 9] }),
  sampleEvaluation({ images, attack: 'square', wrong: Array.from({ length: images }, (_, image) => image) }),
];

export const sampleGate = (given: Partial<MaskingGate> = {}): MaskingGate => ({
  weights: 'final',
  gate: 'ce-and-cw-agree',
  passed: true,
  measured: 0.03125,
  limit: 0.05,
  ...given,
});

/** One of two failed. */
export const failedGates: readonly MaskingGate[] = [
  sampleGate(),
  sampleGate({ gate: 'square-no-stronger', passed: false, measured: 0.25, limit: 0 }),
];
