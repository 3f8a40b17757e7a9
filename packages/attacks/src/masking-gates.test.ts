// Each gate on both sides of its limit, and none where nothing was measured.
import { expect, it } from 'vitest';
import { type GateName, type MaskingMeasurements, maskingGates } from './masking-gates.ts';

const HONEST: MaskingMeasurements = {
  byEpsilon: [
    { epsilon: 0.5, accuracy: 0.02 },
    { epsilon: 0, accuracy: 0.9 },
    { epsilon: 0.1, accuracy: 0.5 },
  ],
  chance: 0.1,
  fgsm: 0.6,
  pgd20: 0.51,
  pgd100: 0.505,
  pgdCe: 0.51,
  pgdCw: 0.49,
  oneRestart: 0.51,
  allRestarts: 0.5,
  whiteBox: 0.48,
  transfer: 0.7,
  square: 0.55,
  noise: 0.88,
  zeroGradientShare: 0.3,
  lossAtStart: 0.4,
  lossAtEnd: 1.2,
};

const MASKED: readonly [GateName, MaskingMeasurements][] = [
  ['falls-with-epsilon', { byEpsilon: [...(HONEST.byEpsilon ?? []), { epsilon: 0.2, accuracy: 0.52 }] }],
  ['chance-at-large-epsilon', { byEpsilon: [{ epsilon: 0.6, accuracy: 0.16 }] }],
  ['more-steps-no-weaker', { pgd100: 0.5201 }],
  ['pgd-no-weaker-than-fgsm', { fgsm: 0.49 }],
  ['ce-and-cw-agree', { pgdCw: 0.45 }],
  ['restarts-change-little', { allRestarts: 0.48 }],
  ['transfer-no-stronger', { transfer: 0.47 }],
  ['square-no-stronger', { square: 0.47 }],
  ['noise-hurts-less', { noise: 0.5 }],
  ['loss-rises', { lossAtEnd: 0.3 }],
];

it('an honest model passes all gates', () => {
  const gates = maskingGates(HONEST);
  expect(gates).toHaveLength(11);
  expect(gates.filter(({ passed }) => !passed)).toEqual([]);
  const agreement = gates.find(({ gate }) => gate === 'ce-and-cw-agree');
  expect(agreement).toEqual({ gate: 'ce-and-cw-agree', passed: true, measured: expect.closeTo(0.02, 9), limit: 0.05 });
});

it.each(MASKED)('%s fails alone', (gate, change) => {
  const failed = maskingGates({ ...HONEST, ...change }).filter(({ passed }) => !passed);
  expect(failed.map(({ gate: name }) => name)).toEqual([gate]);
});

it('judges only what was measured', () => {
  expect(maskingGates({})).toEqual([]);
  expect(maskingGates({ pgd20: 0.4, byEpsilon: [{ epsilon: 0.1, accuracy: 0.4 }] })).toEqual([]);
  expect(maskingGates({ pgd20: 0.4, fgsm: 0.41 })).toMatchObject([{ gate: 'pgd-no-weaker-than-fgsm', passed: true }]);
});

it('takes a limit as passed, rounding included', () => {
  expect(maskingGates({ pgdCe: 0.55, pgdCw: 0.5 })).toMatchObject([{ passed: true, limit: 0.05 }]);
});
