// Losses and attacks against what PyTorch and the authors' code of AutoAttack computed in double precision.
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { oneHotRows } from './attack-batch.ts';
import { craft } from './craft.ts';
import { targetedDlrLoss } from './dlr-loss.ts';
import {
  apgdCases,
  largestError,
  golden,
  goldenApgd,
  type GoldenNetwork,
  goldenNetwork,
  goldenValues,
  runApgd,
} from './golden-network.ts';
import { getLoss, klDivergence, type LossName } from './image-loss.ts';
import { inputGradient } from './input-gradient.ts';

function expectClose(actual: tf.Tensor, expected: readonly number[]): void {
  expect(largestError(actual, expected)).toBeLessThan(1e-5);
}

let net: GoldenNetwork;

beforeAll(async () => {
  await tf.setBackend('cpu');
  net = goldenNetwork();
});

describe('losses', () => {
  it('logits', () => {
    expectClose(net.logits(net.images), goldenValues('logits'));
  });

  it.each<[LossName, string, string]>([
    ['ce', 'ce', 'grad_ce'],
    ['cw', 'cw_margin (max_other - true, ascend)', 'grad_cw'],
    ['dlr', 'dlr', 'grad_dlr'],
  ])('%s: value per image and gradient at the pixels', (name, values, gradient) => {
    const loss = getLoss(name);
    expectClose(loss.values(net.logits(net.images), net.oneHot), goldenValues(values));
    expectClose(inputGradient(net.logits, loss.gradient, net.images, net.oneHot), goldenValues(gradient));
  });

  it('targeted DLR', () => {
    const targets = oneHotRows(Int32Array.from(goldenValues('dlr_targeted target')), net.classes);
    const values = targetedDlrLoss(targets).values(net.logits(net.images), net.oneHot);
    expectClose(values, goldenValues('dlr_targeted'));
  });

  it('the divergence of TRADES, at the third point of PGD', () => {
    const pgd = golden['pgd_linf eps=.1 alpha=.04 start=clip(x+delta0)'] as { ce_3steps: number[][] };
    const adversarial = tf.tensor4d(pgd.ce_3steps[2], net.images.shape);
    const clean = tf.softmax(net.logits(net.images));
    expectClose(tf.mean(klDivergence.values(net.logits(adversarial), clean)), [golden.trades.kl]);
  });
});

it('PGD in L2, every iterate', () => {
  const expected = golden['pgd_l2 eps=.5 alpha=.2 zero start'] as number[][];
  expected.forEach((iterate, i) => {
    const { logits, images, oneHot } = net;
    const options = { logits, images, oneHot, norm: 'L2', epsilon: 0.5, stepSize: 0.2, start: 'zero' } as const;
    expectClose(craft({ ...options, steps: i + 1 }), iterate);
  });
});

describe('APGD, 20 iterations, in float32', () => {
  it.each(apgdCases)('which images fall: $loss $norm', async (given) => {
    const before = tf.memory().numTensors;
    const found = await runApgd(net, given);
    expect(tf.memory().numTensors).toBe(before + 4);
    expect([...found.correct.dataSync()]).toEqual(goldenApgd(given).acc.map(Number));
    tf.dispose(found);
  });

  it('cross-entropy in L∞: every point', async () => {
    const given = { loss: 'ce', norm: 'Linf' } as const;
    const found = await runApgd(net, given);
    const expected = goldenApgd(given);
    expectClose(found.bestLoss, expected.loss_best);
    expectClose(found.best, expected.x_best);
    expectClose(found.adversarial, expected.x_best_adv);
  });
});
