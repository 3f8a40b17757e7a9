// Which weights a condition has attacked after training, and what the metrics of the suite are called.
import { expect, it } from 'vitest';
import { strongMetrics, suiteWeights } from './evaluation-plan.ts';
import { type Given, smallSpec } from './recorded-run.ts';

const weightsOf = (evaluation: Given, averaging: Given = {}) =>
  suiteWeights(smallSpec({ evaluation, averaging }).condition);

it('attacks the weights that were asked for, averaged ones beside them', () => {
  expect(weightsOf({})).toEqual([]);
  expect(weightsOf({ attacks: ['pgd'] })).toEqual(['final', 'best']);
  expect(weightsOf({ gates: true, weights: ['best'] })).toEqual(['best']);
  expect(weightsOf({ attacks: ['pgd'], weights: ['best', 'final'] }, { decay: 0.9 })).toEqual([
    'final',
    'finalWa',
    'best',
    'bestWa',
  ]);
});

it('names the metric after the weights, and has none of what was not measured', () => {
  expect(strongMetrics({ final: 0.5, finalWa: 0.6, best: 0, bestWa: undefined })).toEqual({
    strongAccuracyFinal: 0.5,
    strongAccuracyFinalWa: 0.6,
    strongAccuracyBest: 0,
  });
  expect(strongMetrics({})).toEqual({});
});
