// What AutoAttack (Croce & Hein 2020) checks about a model before it trusts its own result.
import * as tf from '@tensorflow/tfjs-core';
import { type AttackBatch, gatherRows, oneHotRows, takeValues } from './attack-batch.ts';
import { crossEntropy } from './attack-loss.ts';
import { inputGradient } from './input-gradient.ts';
import type { AttackResult } from './run-stages.ts';

export interface ModelFlags {
  /** outputs look like probabilities: not the logits that the attacks need */
  readonly softmaxOutput: boolean;
  /** five forward passes of the same images differ */
  readonly randomized: boolean;
  /** fraction of images at which the gradient of the cross-entropy is zero in every pixel */
  readonly zeroGradientShare: number;
}

export type VersionWarning = 'softmax-output' | 'randomized' | 'zero-gradients' | 'square-lowers-accuracy';

export interface VersionFlags extends ModelFlags {
  /** by how much Square lowered the accuracy that the gradient attacks left, a fraction */
  readonly squareDrop: number;
  /** of the run: the fewer, the less a small drop says */
  readonly images: number;
  /** empty where nothing speaks against the result */
  readonly warnings: readonly VersionWarning[];
}

const PASSES = 5;
/** Outputs scaled to length 1 that differ by more than this are random. */
const PASSES_DIFFER = 1e-4;
const PROBABILITY_TOLERANCE = 1e-5;
/** Gradients that work leave Square next to nothing: 0.2 percentage points, or a handful of images where that is more. */
const SQUARE_DROP_LIMIT = 0.002;
const SQUARE_IMAGES_LIMIT = 5;
/** In float32 a few images that a model is sure of have a gradient of exactly zero without anything being hidden. */
const ZERO_GRADIENTS_LIMIT = 0.01;

/** Looks at the model on one batch. */
export async function inspectModel(batch: Omit<AttackBatch, 'threat' | 'positions'>): Promise<ModelFlags> {
  const { logits, images, classes } = batch;
  const passes: Float32Array[] = [];
  for (let pass = 0; pass < PASSES; pass++) {
    await batch.border();
    passes.push(Float32Array.from(await takeValues(tf.tidy(() => logits(images)))));
  }
  const rows = images.shape[0];
  return {
    softmaxOutput: looksLikeProbabilities(passes[0], classes),
    randomized: passes.some((pass) => passesDiffer(passes[0], pass, rows, classes)),
    zeroGradientShare: await zeroGradientShare(batch),
  };
}

function looksLikeProbabilities(values: Float32Array, classes: number): boolean {
  if (values.some((value) => !(value > -PROBABILITY_TOLERANCE && value < 1 + PROBABILITY_TOLERANCE))) return false;
  for (let first = 0; first < values.length; first += classes) {
    const sum = values.subarray(first, first + classes).reduce((total, value) => total + value, 0);
    if (Math.abs(sum - 1) >= PROBABILITY_TOLERANCE) return false;
  }
  return true;
}

function passesDiffer(a: Float32Array, b: Float32Array, rows: number, classes: number): boolean {
  return Array.from({ length: rows }, (_, row) => {
    const [left, right] = [a, b].map((pass) => unit(pass.subarray(row * classes, (row + 1) * classes)));
    return Math.hypot(...left.map((value, k) => value - right[k])) > PASSES_DIFFER;
  }).includes(true);
}

function unit(row: Float32Array): number[] {
  const length = Math.hypot(...row) + 1e-10;
  return Array.from(row, (value) => value / length);
}

async function zeroGradientShare(batch: Omit<AttackBatch, 'threat' | 'positions'>): Promise<number> {
  const { logits, images, labels, classes } = batch;
  const largest = tf.tidy(() => {
    const gradient = inputGradient(logits, crossEntropy, images, oneHotRows(labels, classes));
    return tf.max(tf.abs(gradient), [1, 2, 3]);
  });
  const values = await takeValues(largest);
  return values.filter((value) => value === 0).length / values.length;
}

/** What AutoAttack asks of a model, as gates: `measured` up to `limit` passes. */
export interface VersionGate {
  readonly gate: 'outputs-are-logits' | 'deterministic' | 'no-zero-gradients' | 'square-adds-little';
  readonly passed: boolean;
  readonly measured: number;
  readonly limit: number;
}

const WARNINGS: Readonly<Record<VersionGate['gate'], VersionWarning>> = {
  'outputs-are-logits': 'softmax-output',
  deterministic: 'randomized',
  'no-zero-gradients': 'zero-gradients',
  'square-adds-little': 'square-lowers-accuracy',
};

/** What is yes or no measures 1 where it speaks against the model. */
export function versionGates(flags: ModelFlags & Pick<VersionFlags, 'squareDrop' | 'images'>): VersionGate[] {
  const gate = (name: VersionGate['gate'], measured: number, limit = 0): VersionGate => ({
    gate: name,
    passed: measured <= limit,
    measured,
    limit,
  });
  return [
    gate('outputs-are-logits', flags.softmaxOutput ? 1 : 0),
    gate('deterministic', flags.randomized ? 1 : 0),
    gate('no-zero-gradients', flags.zeroGradientShare, ZERO_GRADIENTS_LIMIT),
    gate('square-adds-little', flags.squareDrop, Math.max(SQUARE_DROP_LIMIT, SQUARE_IMAGES_LIMIT / flags.images)),
  ];
}

/** Adds what only the finished run shows. */
export function versionFlags(model: ModelFlags, { stages }: Pick<AttackResult, 'stages'>): VersionFlags {
  const square = stages.findIndex(({ stage }) => stage === 'square');
  const squareDrop = square > 0 ? stages[square - 1].accuracy - stages[square].accuracy : 0;
  const images = stages[0].correct.length;
  const failed = versionGates({ ...model, squareDrop, images }).filter(({ passed }) => !passed);
  return { ...model, squareDrop, images, warnings: failed.map(({ gate }) => WARNINGS[gate]) };
}

/** The first images of a run. */
export function firstRows(images: tf.Tensor4D, count: number): tf.Tensor4D {
  return gatherRows(
    images,
    Int32Array.from({ length: Math.min(count, images.shape[0]) }, (_, i) => i),
  );
}
