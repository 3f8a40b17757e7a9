// Attacks all images of a source a thousand at a time, so that memory does not grow with the test set.
import type { AttackProgress, AttackResult, AttackRun, Logits } from '@reseed/attacks';
import type { LabelledImages } from '@reseed/datasets';
import type { Condition } from '@reseed/experiment';
import { ATTACK_NORMS } from './attack-norm.ts';
import type { BatchBorder } from './batch-border.ts';
import type { RunData } from './dataset-cache.ts';
import { plainImages } from './evaluation-images.ts';

/** Images that are held at once beside the batch: 12 MB of CIFAR. */
const PART = 1000;

/** A model with frozen weights, and the images that it is to withstand. */
export interface AttackedModel {
  /** logits of images in [0, 1]; a model with batch norm or dropout computes as in evaluation */
  readonly logits: Logits;
  readonly source: LabelledImages;
  readonly facts: Pick<RunData, 'imageShape' | 'classes'>;
  readonly norm: Condition['attack']['norm'];
  /** the run's seed; with the position of an image in the source it names every random number of its attacks */
  readonly seed: number;
  /** images per forward pass; results do not depend on it */
  readonly batchSize: number;
  readonly border: BatchBorder;
}

export interface EvaluationProgress extends AttackProgress {
  readonly attack: string;
  /** the images under attack: `count` of `images`, from the one at `first` on */
  readonly first: number;
  readonly count: number;
  readonly images: number;
}

/** One stage of an attack on all images. */
export interface StageOutcome {
  readonly stage: AttackProgress['stage'];
  /** per image 1 where it is classified correctly after this stage and all before it, else 0 */
  readonly correct: Uint8Array;
  readonly accuracy: number;
  readonly seconds: number;
}

/** Visits the source part by part, each as what an attack is run on. */
export async function inParts(
  { logits, source, facts, norm, seed, batchSize, border }: AttackedModel,
  epsilon: number,
  visit: (run: AttackRun) => Promise<void>,
): Promise<void> {
  const total = source.labels.length;
  for (let first = 0; first < total; first += PART) {
    const count = Math.min(PART, total - first);
    const { images, labels: oneHot } = plainImages(source, facts, first, count);
    oneHot.dispose();
    const labels = source.labels.subarray(first, first + count);
    const threat = { norm: ATTACK_NORMS[norm], epsilon, seed };
    try {
      await visit({ logits, images, labels, threat, firstPosition: first, batchSize, border });
    } finally {
      images.dispose();
    }
  }
}

/** Clean first. Rejects like `attack`, and with whatever the border rejects with. */
export async function attackSource(
  model: AttackedModel,
  epsilon: number,
  attack: (run: AttackRun) => Promise<AttackResult>,
  onProgress?: (progress: Omit<EvaluationProgress, 'attack'>) => void,
): Promise<StageOutcome[]> {
  const images = model.source.labels.length;
  const correct = new Map<StageOutcome['stage'], Uint8Array>();
  const milliseconds = new Map<StageOutcome['stage'], number>();
  await inParts(model, epsilon, async (run) => {
    const { firstPosition: first = 0 } = run;
    const count = run.images.shape[0];
    let last = performance.now();
    // What passes between two reports belongs to the stage that reports.
    const report = (progress: AttackProgress) => {
      const now = performance.now();
      milliseconds.set(progress.stage, (milliseconds.get(progress.stage) ?? 0) + now - last);
      last = now;
      onProgress?.({ ...progress, first, count, images });
    };
    const { stages, adversarial } = await attack({ ...run, onProgress: report });
    adversarial.dispose();
    for (const { stage, correct: bits } of stages) {
      const all = correct.get(stage) ?? new Uint8Array(images);
      all.set(bits, first);
      correct.set(stage, all);
    }
  });
  return [...correct].map(([stage, bits]) => ({
    stage,
    correct: bits,
    accuracy: shareOf(bits),
    seconds: (milliseconds.get(stage) ?? 0) / 1000,
  }));
}

/** The share of ones. */
export const shareOf = (bits: Uint8Array): number => bits.reduce((sum, bit) => sum + bit, 0) / bits.length;

/** 1 where all of them are 1. */
export const inAll = (sets: readonly Uint8Array[]): Uint8Array =>
  sets[0].map((_, i) => (sets.every((bits) => bits[i] === 1) ? 1 : 0));
