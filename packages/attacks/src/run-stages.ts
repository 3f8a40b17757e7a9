// Runs attacks one after the other, each on the images that survived all before it (the protocol of Croce & Hein 2020).
import * as tf from '@tensorflow/tfjs-core';
import {
  type AttackBatch,
  type Border,
  checkThreat,
  gatherRows,
  predictClasses,
  type Round,
  type Stage,
  type Threat,
} from './attack-batch.ts';
import { insideBall } from './ball.ts';
import { checkClasses, classLabels, type Labels } from './class-labels.ts';
import { AttackParameterError } from './errors.ts';
import type { Logits } from './input-gradient.ts';

/** The batch size of AutoAttack's published evaluation. */
const BATCH_SIZE = 250;

export interface AttackRun {
  /** frozen weights */
  readonly logits: Logits;
  /** [n, height, width, channels], float32 pixels in [0, 1]; they stay the caller's */
  readonly images: tf.Tensor4D;
  readonly labels: Labels;
  readonly threat: Threat;
  /** place of the first image in its dataset, 0 unless told otherwise: names the streams */
  readonly firstPosition?: number;
  /** images per forward pass, 250 unless told otherwise; results do not depend on it */
  readonly batchSize?: number;
  readonly border?: Border;
  readonly onProgress?: (progress: AttackProgress) => void;
}

export interface AttackProgress {
  readonly stage: Stage['name'] | 'clean';
  /** images that this stage has finished, of those it attacks */
  readonly done: number;
  readonly total: number;
  /** images of the whole run still classified correctly */
  readonly robust: number;
}

export interface StageResult {
  readonly stage: Stage['name'] | 'clean';
  /** fraction of all images classified correctly after this stage and all before it */
  readonly accuracy: number;
  /** 1 per image that is, else 0 */
  readonly correct: Uint8Array;
}

export interface AttackResult {
  /** `clean` first */
  readonly stages: readonly StageResult[];
  /** `accuracy` of the last stage */
  readonly accuracy: number;
  /** `correct` of the last stage */
  readonly correct: Uint8Array;
  /** per image the first misclassified point found in the ball, else the image itself; the caller's to free */
  readonly adversarial: tf.Tensor4D;
}

/** What all stages share. */
interface Progress {
  readonly run: AttackRun;
  readonly border: Border;
  readonly batchSize: number;
  readonly labels: Int32Array;
  readonly classes: number;
  readonly correct: Uint8Array;
  /** pixels of `AttackResult.adversarial` */
  readonly adversarial: Float32Array;
}

/**
 * An image counts as robust iff it is classified correctly as it is and at the candidate of every round of every stage;
 * a candidate outside the ball, or with a pixel that is no number, changes nothing.
 * @throws LabelMismatchError, SoftLabelsError, AttackParameterError, TooFewClassesError, and what `border` throws
 */
export async function runStages(run: AttackRun, stages: readonly Stage[]): Promise<AttackResult> {
  const { images, threat, border = async () => {}, batchSize = BATCH_SIZE } = run;
  checkThreat(threat);
  if (!(batchSize >= 1 && Number.isInteger(batchSize)))
    throw new AttackParameterError('run', 'batchSize', batchSize, 'a whole number of at least 1');
  const labels = await classLabels(run.labels, images.shape[0]);
  const adversarial = Float32Array.from(await images.data());
  const classes = tf.tidy(() => run.logits(tf.slice(images, 0, 1)).shape[1]);
  checkClasses(labels, classes);
  for (const stage of stages) stage.rounds(classes);
  const correct = new Uint8Array(labels.length);
  const progress = { run, border, batchSize, labels, classes, correct, adversarial };
  const results = [await judgeClean(progress)];
  for (const stage of stages) results.push(await runStage(progress, stage));
  const { accuracy } = results[results.length - 1];
  return { stages: results, accuracy, correct, adversarial: tf.tensor4d(adversarial, images.shape) };
}

async function judgeClean(progress: Progress): Promise<StageResult> {
  const { run, labels, correct } = progress;
  await inBatches(progress, 'clean', Int32Array.from(labels.keys()), async (rows) => {
    const images = gatherRows(run.images, rows);
    try {
      const seen = await predictClasses(run.logits, images);
      rows.forEach((row, i) => {
        correct[row] = seen[i] === labels[row] ? 1 : 0;
      });
    } finally {
      images.dispose();
    }
  });
  return resultOf('clean', correct);
}

async function runStage(progress: Progress, stage: Stage): Promise<StageResult> {
  const { correct, classes } = progress;
  const robust = Int32Array.from(correct.keys()).filter((row) => correct[row] === 1);
  await inBatches(progress, stage.name, robust, async (rows) => {
    let left = rows;
    for (const round of stage.rounds(classes)) {
      if (left.length === 0) break;
      await runRound(progress, stage, round, left);
      left = left.filter((row) => correct[row] === 1);
    }
  });
  return resultOf(stage.name, correct);
}

async function inBatches(
  { run, batchSize, border, correct }: Progress,
  stage: StageResult['stage'],
  rows: Int32Array,
  visit: (rows: Int32Array) => Promise<void>,
): Promise<void> {
  for (let first = 0; first < rows.length; first += batchSize) {
    await border();
    await visit(rows.subarray(first, first + batchSize));
    const done = Math.min(first + batchSize, rows.length);
    run.onProgress?.({ stage, done, total: rows.length, robust: count(correct) });
  }
}

/** Attacks the images at `rows` once and writes down which fell. */
async function runRound(progress: Progress, stage: Stage, round: Round, rows: Int32Array): Promise<void> {
  const { run, border, classes, correct, adversarial } = progress;
  const { logits, threat, firstPosition = 0 } = run;
  const images = gatherRows(run.images, rows);
  try {
    const labels = rows.map((row) => progress.labels[row]);
    const positions = rows.map((row) => firstPosition + row);
    const batch: AttackBatch = { logits, classes, images, labels, positions, threat, border };
    const candidates = await stage.craft(batch, round);
    try {
      const seen = await predictClasses(logits, candidates);
      const pixels = (await candidates.data()) as Float32Array;
      const size = pixels.length / rows.length;
      rows.forEach((row, i) => {
        const candidate = pixels.subarray(i * size, (i + 1) * size);
        const kept = adversarial.subarray(row * size, (row + 1) * size);
        if (seen[i] === labels[i] || !insideBall(candidate, kept, threat.norm, threat.epsilon)) return;
        correct[row] = 0;
        kept.set(candidate);
      });
    } finally {
      candidates.dispose();
    }
  } finally {
    images.dispose();
  }
}

function resultOf(stage: StageResult['stage'], correct: Uint8Array): StageResult {
  return { stage, accuracy: count(correct) / correct.length, correct: correct.slice() };
}

function count(correct: Uint8Array): number {
  return correct.reduce((sum, value) => sum + value, 0);
}
