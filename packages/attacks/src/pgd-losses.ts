// The cross-entropy before and after PGD (Madry et al. 2018): an attack whose loss does not rise has met masked gradients.
import * as tf from '@tensorflow/tfjs-core';
import { type AttackBatch, checkThreat, gatherRows, oneHotRows, takeValues } from './attack-batch.ts';
import type { ParameterOverrides } from './attack-parameters.ts';
import { checkClasses, classLabels } from './class-labels.ts';
import { getAttack } from './get-attack.ts';
import { getLoss } from './image-loss.ts';
import type { AttackRun } from './run-stages.ts';

/** Means over all images of the cross-entropy at the first and at the last point of PGD's first start. Throws like `runStages`. */
export async function pgdLosses(
  run: AttackRun,
  overrides: ParameterOverrides = {},
): Promise<{ lossAtStart: number; lossAtEnd: number }> {
  const { logits, images: all, threat, batchSize = 250, firstPosition = 0, border = async () => {} } = run;
  checkThreat(threat);
  const count = all.shape[0];
  const labels = await classLabels(run.labels, count);
  const classes = tf.tidy(() => logits(tf.slice(all, 0, 1)).shape[1]);
  checkClasses(labels, classes);
  const ends = [{ ...overrides, steps: 0 }, overrides].map((given) => getAttack('pgd').stages(given)[0]);
  const sums = [0, 0];
  for (let first = 0; first < count; first += batchSize) {
    const rows = Int32Array.from({ length: Math.min(batchSize, count - first) }, (_, i) => first + i);
    const images = gatherRows(all, rows);
    const positions = rows.map((row) => firstPosition + row);
    const batch = {
      logits,
      classes,
      images,
      labels: labels.subarray(first, first + rows.length),
      positions,
      threat,
      border,
    };
    try {
      for (const [end, stage] of ends.entries()) {
        const points = await stage.craft(batch, { target: 0, restart: 0 });
        for (const loss of await lossesAt(batch, points)) sums[end] += loss;
      }
    } finally {
      images.dispose();
    }
  }
  return { lossAtStart: sums[0] / count, lossAtEnd: sums[1] / count };
}

/** Frees the points. */
async function lossesAt({ logits, labels, classes }: AttackBatch, points: tf.Tensor4D): Promise<Float32Array> {
  const losses = tf.tidy(() => getLoss('ce').values(logits(points), oneHotRows(labels, classes)));
  points.dispose();
  return takeValues(losses);
}
