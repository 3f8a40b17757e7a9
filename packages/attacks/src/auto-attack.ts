// AutoAttack's standard protocol (Croce & Hein 2020): APGD-CE, APGD-T, FAB-T, Square, each on what is still robust.
import * as tf from '@tensorflow/tfjs-core';
import type { ParameterOverrides } from './attack-parameters.ts';
import { classLabels } from './class-labels.ts';
import { getAttack } from './get-attack.ts';
import { type AttackResult, type AttackRun, runStages } from './run-stages.ts';
import { firstRows, inspectModel, type ModelFlags, type VersionFlags, versionFlags } from './version-flags.ts';

/** The model is inspected on this many of the first images at most, as in the authors' code: their batch. */
const INSPECTED = 250;

export interface AutoAttackResult extends AttackResult {
  readonly flags: VersionFlags;
}

/**
 * Runs one attack of the registry on all images.
 * @throws UnknownAttackError, UnknownParameterError, and like `runStages`
 */
export async function runAttack(
  run: AttackRun,
  name: string,
  overrides: ParameterOverrides = {},
): Promise<AttackResult> {
  return runStages(run, getAttack(name).stages(overrides));
}

/**
 * The standard protocol and what speaks against trusting its result. Results do not depend on the batch size: every
 * random number belongs to one image and one round. Throws like `runAttack`.
 */
export async function autoAttack(run: AttackRun, overrides: ParameterOverrides = {}): Promise<AutoAttackResult> {
  const stages = getAttack('autoattack').stages(overrides);
  const model = await inspectRun(run);
  const result = await runStages(run, stages);
  return { ...result, flags: versionFlags(model, result) };
}

/** What the first images of a run show about its model. Throws like `runStages`. */
export async function inspectRun({
  logits,
  labels,
  images: all,
  border = async () => {},
}: AttackRun): Promise<ModelFlags> {
  const ids = await classLabels(labels, all.shape[0]);
  const images = firstRows(all, INSPECTED);
  try {
    const classes = tf.tidy(() => logits(tf.slice(images, 0, 1)).shape[1]);
    return await inspectModel({ logits, classes, images, labels: ids.subarray(0, images.shape[0]), border });
  } finally {
    images.dispose();
  }
}

/**
 * Adversarial images made on a source model, judged on the target `run.logits` (Papernot et al. 2016): what an attacker
 * without access to the target reaches. Only PGD makes them, since it climbs on beyond the source's own mistakes.
 */
export async function transferAttack(
  source: AttackRun['logits'],
  run: AttackRun,
  overrides: ParameterOverrides = {},
): Promise<AttackResult> {
  const stages = getAttack('pgd').stages(overrides);
  return runStages(
    run,
    stages.map((stage) => ({
      ...stage,
      name: 'transfer',
      craft: (batch, round) => stage.craft({ ...batch, logits: source }, round),
    })),
  );
}
