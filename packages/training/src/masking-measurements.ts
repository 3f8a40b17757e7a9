// Measures what the gradient-masking gates judge (Athalye et al. 2018; Carlini et al. 2019) on one set of weights.
import {
  type AttackRun,
  type Logits,
  type MaskingMeasurements,
  maskingGates,
  type ParameterOverrides,
  pgdLosses,
  runAttack,
  transferAttack,
} from '@reseed/attacks';
import type { MaskingGate } from '@reseed/experiment';
import { type AttackedModel, attackSource, inAll, inParts, shareOf } from './attack-source.ts';
import { attackedModel, type SuiteOptions } from './evaluate-suite.ts';
import { fittingBatch } from './fitting-batch.ts';
import { inspectSource } from './inspect-source.ts';

export interface GateOptions extends SuiteOptions {
  /** a model trained apart from this one, on which an attacker makes the images (Papernot et al. 2016) */
  readonly transferFrom?: Logits | undefined;
}

/** PGD-100 takes steps of 2.5·ε/100, the published rule; those of PGD-20 are ε/4. */
const HUNDRED_STEPS = { steps: 100, stepShare: 0.025 };
const RESTARTS = 5;
/** A fifth of AutoAttack's: accuracy falls mostly in the first queries, and the gate compares accuracies. */
const QUERIES = 1000;

/** A point in every pixel half the range away makes any image grey: the radius at which nothing can be robust. */
const GREY = 0.5;

/** The radius from which on accuracy must be that of a guess: an L2 ball of that radius reaches the grey image. */
function greyRadius({ norm, facts }: AttackedModel): number {
  const pixels = facts.imageShape.reduce((product, side) => product * side, 1);
  return norm === 'linf' ? GREY : GREY * Math.sqrt(pixels);
}

/**
 * The gates of `maskingGates` on all images at `evaluation.epsilon`, without the one of transfer where no other model is
 * given. The same numbers whatever the batch size. Rejects like `evaluateSuite`.
 */
export async function measureGates(options: GateOptions): Promise<MaskingGate[]> {
  const { weights, condition } = options;
  const measured = await measureMasking(options, attackedModel(options), condition.evaluation.epsilon);
  return maskingGates(measured).map((judged) => ({ weights, ...judged }));
}

async function measureMasking(
  { transferFrom, onProgress }: GateOptions,
  model: AttackedModel,
  epsilon: number,
): Promise<MaskingMeasurements> {
  const run = async (attack: (on: AttackRun) => ReturnType<typeof runAttack>, name: string, radius: number) => {
    const outcomes = await attackSource(model, radius, attack, (progress) =>
      onProgress?.({ ...progress, attack: `gates: ${name}` }),
    );
    return outcomes[outcomes.length - 1].correct;
  };
  const attack = (name: string, overrides: ParameterOverrides = {}, radius = epsilon, called = name) =>
    run((on) => runAttack(on, name, overrides), called, radius);

  const fgsm = await attack('fgsm');
  const pgd20 = await attack('pgd');
  const pgd100 = await attack('pgd', HUNDRED_STEPS, epsilon, 'pgd-100');
  const pgdCw = await attack('pgd', { loss: 'cw' }, epsilon, 'pgd-20-cw');
  const restarts = await attack('pgd', { restarts: RESTARTS }, epsilon, `pgd-20-restarts-${RESTARTS}`);
  const noise = await attack('pgd', { steps: 0 }, epsilon, 'noise');
  const square = await attack('square', { queries: QUERIES }, epsilon, `square-${QUERIES}`);
  const transfer =
    transferFrom &&
    (await run(
      (on) => transferAttack(transferFrom, { ...on, batchSize: fittingBatch(model, transferFrom) }),
      'transfer',
      epsilon,
    ));

  const largeEpsilon = greyRadius(model);
  const byEpsilon = [{ epsilon, accuracy: shareOf(pgd20) }];
  const beyond = epsilon < largeEpsilon ? [2 * epsilon, largeEpsilon] : [];
  for (const radius of [epsilon / 2, ...beyond.filter((one) => one <= largeEpsilon)]) {
    byEpsilon.push({ epsilon: radius, accuracy: shareOf(await attack('pgd', {}, radius, `pgd at ${radius}`)) });
  }
  const { zeroGradientShare } = await inspectSource(model, epsilon);
  return {
    byEpsilon,
    chance: 1 / model.facts.classes,
    largeEpsilon,
    fgsm: shareOf(fgsm),
    pgd20: shareOf(pgd20),
    pgd100: shareOf(pgd100),
    pgdCe: shareOf(pgd20),
    pgdCw: shareOf(pgdCw),
    oneRestart: shareOf(pgd20),
    allRestarts: shareOf(restarts),
    whiteBox: shareOf(inAll([fgsm, pgd100, pgdCw, restarts])),
    square: shareOf(square),
    noise: shareOf(noise),
    zeroGradientShare,
    ...(await meanLosses(model, epsilon)),
    ...(transfer === undefined ? {} : { transfer: shareOf(transfer) }),
  };
}

async function meanLosses(
  model: AttackedModel,
  epsilon: number,
): Promise<Required<Pick<MaskingMeasurements, 'lossAtStart' | 'lossAtEnd'>>> {
  const sums = { lossAtStart: 0, lossAtEnd: 0 };
  await inParts(model, epsilon, async (on) => {
    const losses = await pgdLosses(on);
    sums.lossAtStart += losses.lossAtStart * on.images.shape[0];
    sums.lossAtEnd += losses.lossAtEnd * on.images.shape[0];
  });
  const images = model.source.labels.length;
  return { lossAtStart: sums.lossAtStart / images, lossAtEnd: sums.lossAtEnd / images };
}
