// The end of a run: what is evaluated on which of its weights, and that the parts agree with each other.
import { type FinalEvaluation, unpackBits } from '@reseed/experiment';
import { beforeAll, describe, expect, it } from 'vitest';
import { bitsOf, type Given, openTrainer, type RecordedRun, recordRun, smallSpec } from './recorded-run.ts';
import type { Trainer } from './trainer.ts';

let trainer: Trainer;
beforeAll(async () => {
  trainer = await openTrainer();
});

const LEARNING: Given = {
  epochs: 3,
  batchSize: 10,
  model: 'tiny-cnn-bn',
  attack: { epsilon: 0.03 },
  optimizer: { learningRate: 0.005 },
  warmup: { epsilonFraction: 0 },
};

const labelOf = ({ weights, attack, stage }: FinalEvaluation): string =>
  `${weights} ${attack}${stage === null ? '' : `/${stage}`}`;
const rowOf = ({ result }: RecordedRun, label: string): FinalEvaluation => {
  const row = result.evaluations.find((evaluation) => labelOf(evaluation) === label);
  if (row === undefined) throw new Error(`no row ${label}`);
  return row;
};
const bitsIn = ({ correct, images }: FinalEvaluation): number[] => Array.from(unpackBits(correct, images));

describe('a run without a suite', () => {
  it('keeps the clean and the robust bits of its final and best weights, raw and averaged', async () => {
    const run = await recordRun(trainer, smallSpec({ ...LEARNING, averaging: { decay: 0.9 } }));
    expect(run.result.evaluations.map(labelOf)).toEqual(
      ['final', 'best', 'finalWa', 'bestWa'].flatMap((name) => [`${name} clean`, `${name} tracking`]),
    );
    const { metrics } = run.result;
    expect(rowOf(run, 'final clean').accuracy).toBe(metrics.cleanAccuracy);
    expect(rowOf(run, 'final tracking').accuracy).toBe(metrics.robustAccuracy);
    expect(rowOf(run, 'best tracking').accuracy).toBe(metrics.robustAccuracyBest);
    expect(rowOf(run, 'finalWa tracking').accuracy).toBe(metrics.robustAccuracyWa);
    expect(rowOf(run, 'bestWa tracking').accuracy).toBe(metrics.robustAccuracyBestWa);
    for (const row of run.result.evaluations) {
      expect(row.images).toBe(50);
      expect(bitsIn(row).reduce((sum, bit) => sum + bit) / 50).toBe(row.accuracy);
    }
    const [clean, robust] = ['clean', 'tracking'].map((attack) => bitsIn(rowOf(run, `final ${attack}`)));
    expect(robust.every((bit, i) => bit <= clean[i])).toBe(true);
    expect(run.result.gates).toEqual([]);
    expect(metrics.strongAccuracyFinal).toBeUndefined();
  });
});

describe('a run with a suite', () => {
  const suite = { attacks: ['fgsm', { name: 'pgd', steps: 20, loss: 'cw' }], weights: ['final', 'best'] };

  it('attacks every set of its weights, and changes nothing else', async () => {
    const given = { ...LEARNING, averaging: { decay: 0.9 } };
    const plain = await recordRun(trainer, smallSpec(given));
    const run = await recordRun(trainer, smallSpec({ ...given, evaluation: suite }));
    expect(run.result.weightHash).toBe(plain.result.weightHash);
    expect(run.result.evaluations.slice(0, 8).map(bitsIn)).toEqual(plain.result.evaluations.map(bitsIn));
    const names = run.result.evaluations.slice(8).map(labelOf);
    expect(names).toEqual(
      ['final', 'best', 'finalWa', 'bestWa'].flatMap((name) => [`${name} fgsm`, `${name} pgd-20-cw`]),
    );
    const { metrics } = run.result;
    const attacked = ['fgsm', 'pgd-20-cw'].map((attack) => bitsIn(rowOf(run, `final ${attack}`)));
    const strong = attacked[0].filter((bit, i) => bit === 1 && attacked[1][i] === 1).length / 50;
    expect(metrics.strongAccuracyFinal).toBe(strong);
    expect(metrics.strongAccuracyFinal).toBeLessThanOrEqual(metrics.cleanAccuracy);
    for (const name of ['strongAccuracyBest', 'strongAccuracyFinalWa', 'strongAccuracyBestWa'] as const) {
      expect(metrics[name]).toBeGreaterThan(0);
    }
  });

  it('on the best weights alone, which are the final ones of a shorter run', async () => {
    const run = await recordRun(trainer, smallSpec({ ...LEARNING, evaluation: { ...suite, weights: ['best'] } }));
    expect(run.result.evaluations.slice(4).map(labelOf)).toEqual(['best fgsm', 'best pgd-20-cw']);
    expect(run.result.metrics.strongAccuracyFinal).toBeUndefined();
    const epochs = run.result.bestEpoch + 1;
    const short = await recordRun(
      trainer,
      smallSpec({ ...LEARNING, schedule: { name: 'constant' }, epochs, evaluation: suite }),
    );
    const long = await recordRun(
      trainer,
      smallSpec({ ...LEARNING, schedule: { name: 'constant' }, evaluation: suite }),
    );
    if (long.result.bestEpoch === run.result.bestEpoch) {
      expect(bitsIn(rowOf(short, 'final pgd-20-cw'))).toEqual(bitsIn(rowOf(long, 'best pgd-20-cw')));
    }
  });

  it('with gates says what it found on each set of weights, twice the same', async () => {
    const spec = smallSpec({
      ...LEARNING,
      epochs: 1,
      dataset: { testSize: 8 },
      evaluation: { attacks: ['autoattack'], weights: ['final'], gates: true },
    });
    const run = await recordRun(trainer, spec);
    expect(new Set(run.result.gates.map(({ weights }) => weights))).toEqual(new Set(['final']));
    expect(run.result.gates.map(({ gate }) => gate)).toContain('more-steps-no-weaker');
    expect(run.result.gates.some(({ gate }) => gate.startsWith('autoattack/'))).toBe(true);
    const stages = run.result.evaluations.slice(4);
    expect(stages.map(({ stage }) => stage)).toEqual(['apgd-ce', 'apgd-t', 'fab-t', 'square']);
    expect(run.result.metrics.strongAccuracyFinal).toBe(stages[3].accuracy);
    expect(bitsOf(await recordRun(await openTrainer(), spec))).toEqual(bitsOf(run));
  });
});
