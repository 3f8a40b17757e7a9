import { resolveCondition } from '@reseed/experiment';
import { describe, expect, it } from 'vitest';
import { estimateCost, imagePassesOfRun } from './estimate-cost.ts';

const resolve = (given: Record<string, unknown>) => resolveCondition(given).condition;
/** 100 training images × 10 epochs; evaluation of one image: 1 + 2 × (4 + 1) = 11 passes. */
const small = {
  dataset: { trainSize: 100, validationSize: 30, testSize: 20 },
  epochs: 10,
  attack: { steps: 3 },
  evaluation: { every: 4, steps: 4, restarts: 2 },
};

describe('imagePassesOfRun', () => {
  it('adds training, validation of epochs 4, 8 and 10, six tests and the gap', () => {
    expect(imagePassesOfRun(resolve(small))).toBe(10 * 100 * 4 + 11 * (3 * 30 + 6 * 20 + 20));
  });

  it('needs one pass per image without an attack', () => {
    const evaluation = 11 * (3 * 30 + 6 * 20 + 20);
    expect(imagePassesOfRun(resolve({ ...small, method: 'plain' }))).toBe(10 * 100 + evaluation);
  });

  it('counts the two passes of trades and mart, and those of a weight perturbation', () => {
    const passes = (given: Record<string, unknown>) => imagePassesOfRun(resolve({ ...small, ...given }));
    const usual = passes({});
    expect(passes({ method: 'trades' }) - usual).toBe(10 * 100);
    expect(passes({ method: 'mart', awp: { gamma: 0.01 } }) - usual).toBe(3 * 10 * 100);
  });

  it('counts the replays of free, and the evaluations of averaged weights', () => {
    const passes = (given: Record<string, unknown>) => imagePassesOfRun(resolve({ ...small, ...given }));
    const attack = { steps: 1, replays: 5 };
    expect(passes({ method: 'free', attack }) - passes({ method: 'plain' })).toBe(10 * 100 * 4);
    expect(passes({ averaging: { decay: 0.9 } }) - passes({})).toBe(11 * (3 * 30 + 6 * 20 + 20));
  });

  it('counts the suite on each set of weights, at most', () => {
    const passes = (evaluation: Record<string, unknown>, given: Record<string, unknown> = {}) =>
      imagePassesOfRun(resolve({ ...small, ...given, evaluation: { ...small.evaluation, ...evaluation } }));
    const usual = passes({});
    expect(passes({ attacks: ['fgsm'], weights: ['final'] }) - usual).toBe(20 * 2);
    expect(passes({ attacks: [{ name: 'pgd', steps: 20, restarts: 3 }] }) - usual).toBe(2 * 20 * 61);
    expect(passes({ attacks: ['apgd-ce', 'apgd-dlr'] }) - usual).toBe(2 * 20 * 202);
    const averaging = { averaging: { decay: 0.9 } };
    expect(passes({ attacks: ['apgd-t'] }, averaging) - passes({}, averaging)).toBe(4 * 20 * 901);
    const stages = ['apgd-ce', 'apgd-t', 'fab-t', 'square'];
    const apart = passes({ attacks: stages, weights: ['best'] }) - usual;
    expect(apart - (passes({ attacks: ['autoattack'], weights: ['best'] }) - usual)).toBeCloseTo(20 * 3, 9);
    expect(passes({ gates: true, weights: ['best'] }) - usual).toBeCloseTo((20 * 1900) / 3, 9);
  });

  it('leaves out the dropped images, and counts copies', () => {
    const full = imagePassesOfRun(resolve({ ...small, batchSize: 30 }));
    const repeated = imagePassesOfRun(resolve({ ...small, batchSize: 30, loader: { batchRepeat: 3 } }));
    const dropped = imagePassesOfRun(resolve({ ...small, batchSize: 30, loader: { dropLast: true } }));
    expect(full - dropped).toBe(10 * 10 * 4);
    expect(repeated - full).toBe(2 * 10 * 100 * 4);
  });

  it('tests each epoch of a short run', () => {
    const run = imagePassesOfRun(resolve({ ...small, epochs: 2, evaluation: { every: 1, steps: 4, restarts: 2 } }));
    expect(run).toBe(2 * 100 * 4 + 11 * (2 * 30 + 3 * 20 + 20));
  });
});

describe('estimateCost', () => {
  const conditions = [resolve(small), resolve({ ...small, model: 'mnist_net' })];
  const passes = imagePassesOfRun(conditions[0]);

  it('sums over conditions and seeds, and divides by the speed of each model and by the workers', () => {
    const speeds = new Map([
      ['tiny-cnn', 1000],
      ['mnist_net', 500],
    ]);
    const { imagePasses, seconds } = estimateCost(conditions, 3, { speeds, workers: 2 });
    expect(imagePasses).toBe(6 * passes);
    expect(seconds).toBeCloseTo((3 * passes) / 2000 + (3 * passes) / 1000, 9);
  });

  it('has no seconds while a model has never run or no worker lives', () => {
    const speeds = new Map([['tiny-cnn', 1000]]);
    expect(estimateCost(conditions, 3, { speeds, workers: 2 }).seconds).toBeNull();
    expect(estimateCost([conditions[0]], 3, { speeds, workers: 0 }).seconds).toBeNull();
  });
});
