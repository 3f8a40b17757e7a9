// The promises of a trainer: the same spec gives the same bits, and only what the spec says makes a difference.
import { type RunSpec, SEEDING_MODES, type SeedingMode } from '@reseed/experiment';
import { getModel, weightHash } from '@reseed/models';
import { beforeAll, describe, expect, it } from 'vitest';
import { InvalidSpecError } from './failure.ts';
import { bitsOf, type Given, openTrainer, recordRun, smallSpec } from './recorded-run.ts';
import type { Trainer } from './trainer.ts';

let trainer: Trainer;
beforeAll(async () => {
  trainer = await openTrainer();
});

const hashOf = async (spec: RunSpec): Promise<string> => (await recordRun(trainer, spec)).result.weightHash;

/** Of the condition's seeding mode, with the workers it can have. */
const inMode = (seedingMode: SeedingMode, given: Given): RunSpec =>
  smallSpec({ ...given, seedingMode, loader: { workers: seedingMode === 'single_process' ? 0 : 2 } });

describe('bits', () => {
  it('are the same for the same spec, on this trainer before and after another run, and on a new one', async () => {
    const spec = smallSpec({ augmentation: 'pad_crop_flip' });
    const other = smallSpec({ augmentation: 'cutout', optimizer: { name: 'sgd' }, dataset: { trainSize: 60 } });
    const first = await recordRun(trainer, spec);
    const between = await recordRun(trainer, other);
    const again = await recordRun(trainer, spec);
    expect(bitsOf(again)).toEqual(bitsOf(first));
    expect(bitsOf(await recordRun(await openTrainer(), other))).toEqual(bitsOf(between));
    expect(first.result.weightHash).toMatch(/^[0-9a-f]{64}$/);
    expect(between.result.weightHash).not.toBe(first.result.weightHash);
  });

  it('are others for another seed', async () => {
    const runs = await Promise.all([1, 2].map((seed) => recordRun(trainer, smallSpec({}, seed))));
    expect(runs[0].result.weightHash).not.toBe(runs[1].result.weightHash);
    expect(runs[0].epochs[0].trainLoss).not.toBe(runs[1].epochs[0].trainLoss);
  });

  it('of two runs that take turns are those of each alone', async () => {
    const specs = [smallSpec({ augmentation: 'pad_crop' }, 1), smallSpec({ augmentation: 'pad_crop' }, 2)];
    const together = await Promise.all(specs.map((spec) => recordRun(trainer, spec)));
    for (const [i, spec] of specs.entries()) {
      expect(bitsOf(together[i])).toEqual(bitsOf(await recordRun(trainer, spec)));
    }
  });

  it('do not depend on how the run is evaluated, apart from the epoch it calls best', async () => {
    const hash = await hashOf(smallSpec());
    const evaluation = { every: 2, epsilon: 0.3, steps: 1, restarts: 2, batchSize: 9 };
    expect(await hashOf(smallSpec({ evaluation, dataset: { validationSize: 40, testSize: 11 } }))).toBe(hash);
  });

  it('of a run with a learning rate too small to change a float are the initial weights of the seed', async () => {
    const model = getModel('tiny-cnn');
    const initial = model.initialise(7).map((tensor) => tensor.dataSync() as Float32Array);
    const expected = weightHash(model.toTorchLayout(initial));
    expect(await hashOf(smallSpec({ epochs: 1, optimizer: { learningRate: 1e-30 } }, 7))).toBe(expected);
  });
});

describe('seeding modes', () => {
  it('all give the same weights without augmentation, with their order decoupled', async () => {
    const runs = await Promise.all(
      SEEDING_MODES.map((mode) => recordRun(trainer, inMode(mode, { augmentation: 'none' }))),
    );
    expect(new Set(runs.map(({ result }) => result.weightHash)).size).toBe(1);
    expect(new Set(runs.map(({ epochs }) => epochs.map(({ trainLoss }) => trainLoss).join())).size).toBe(1);
    expect(runs.map(({ audits }) => audits[0].seedingMode)).toEqual(SEEDING_MODES);
  });

  /** Modes by their weights with pad_crop; per_batch has no stream for it. */
  const modesByWeights = async (specOf: (mode: SeedingMode) => RunSpec): Promise<Set<string>> => {
    const byWeights = new Map<string, string[]>();
    for (const mode of SEEDING_MODES.filter((name) => name !== 'per_batch')) {
      const hash = await hashOf(specOf(mode));
      byWeights.set(hash, [...(byWeights.get(hash) ?? []), mode]);
    }
    return new Set([...byWeights.values()].map((modes) => modes.sort().join(' ')));
  };

  it('give other weights each with pad_crop, unless they are two recipes for the same streams', async () => {
    const alone = 'inherited inherited_main_draws inherited_persistent blog_epoch docs_seed_worker initial_seed_div32';
    const others = 'modern_persistent lightning torch_rng python_rng main_precomputed shared_fresh fixed_per_sample';
    expect(await modesByWeights((mode) => inMode(mode, { augmentation: 'pad_crop' }))).toEqual(
      new Set([
        ...`${alone} ${others} per_sample jax_fold_in single_process`.split(' '),
        'modern seed_sequence_rkern',
        'blog_state0 const_worker',
        'blog_epoch_on_modern blog_state0_on_modern',
      ]),
    );
  });

  it('are one mode without workers, but for what they do in the parent and the modes of a sample', async () => {
    const found = await modesByWeights((mode) =>
      smallSpec({ augmentation: 'pad_crop', seedingMode: mode, loader: { workers: 0 } }),
    );
    const apart = 'inherited_main_draws torch_rng python_rng main_precomputed per_sample fixed_per_sample jax_fold_in';
    const single =
      'blog_state0 blog_state0_on_modern const_worker docs_seed_worker inherited inherited_persistent initial_seed_div32 lightning modern modern_persistent seed_sequence_rkern shared_fresh single_process';
    expect(found).toEqual(new Set([single, 'blog_epoch blog_epoch_on_modern', ...apart.split(' ')]));
  });

  it('are audited once, before the first epoch', async () => {
    const seen: string[] = [];
    const events = {
      audit: ({
        agrees,
        distinctBlocksPerRun: { counted },
      }: {
        agrees: boolean;
        distinctBlocksPerRun: { counted: number };
      }) => seen.push(`audit ${agrees} ${counted}`),
      epoch: ({ epoch }: { epoch: number }) => seen.push(`epoch ${epoch}`),
    };
    await trainer.run(inMode('inherited', { augmentation: 'pad_crop' }), events);
    // Worker 0 serves batches 0 and 2 of 20, 20, 20, 10.
    expect(seen).toEqual(['audit true 40', 'epoch 0', 'epoch 1']);
  });
});

describe('what can be trained', () => {
  let usual: string;
  beforeAll(async () => {
    usual = await hashOf(smallSpec());
  });

  it.each<[string, Given]>([
    ['fgsm', { method: 'fgsm', attack: { steps: 1 } }],
    ['plain', { method: 'plain' }],
    ['trades', { method: 'trades' }],
    ['mart', { method: 'mart', beta: 5 }],
    ['free', { method: 'free', attack: { steps: 1, replays: 3 } }],
    ['l2', { attack: { norm: 'l2', epsilon: 1 } }],
    ['steps of Adam', { attack: { stepRule: 'adam' } }],
    ['l2 fgsm', { method: 'fgsm', attack: { norm: 'l2', epsilon: 1, steps: 1 } }],
    ['tiny-cnn-bn', { model: 'tiny-cnn-bn' }],
    ['tiny-cnn-bn attacked as it is evaluated', { model: 'tiny-cnn-bn', attack: { batchNorm: 'eval' } }],
    ['tiny-cnn-bn under trades on perturbed weights', { model: 'tiny-cnn-bn', method: 'trades', awp: { gamma: 0.01 } }],
    ['small-cnn with its dropout', { model: 'small-cnn', epochs: 1, dataset: { trainSize: 30 } }],
    ['normalised pixels', { normalisation: 'dataset' }],
    ['pgd on perturbed weights', { awp: { gamma: 0.01 } }],
    ['a normal start', { attack: { init: 'normal' } }],
    ['sgd with Nesterov momentum', { optimizer: { name: 'sgd', nesterov: true, weightDecay: 5e-4 } }],
    ['a zero start', { attack: { init: 'zero' } }],
    ['madry-cnn', { model: 'madry-cnn', epochs: 1, dataset: { trainSize: 10, validationSize: 5, testSize: 5 } }],
    ['linear-softmax', { model: 'linear-softmax' }],
    ['mnist_net', { model: 'mnist_net', epochs: 1 }],
    ['smoothed labels', { labelSmoothing: 0.2 }],
    ['batches mixed by CutMix', { augmentation: ['pad_crop', 'cutmix_batch'], seedingMode: 'inherited' }],
    ['images mixed by CutMix', { augmentation: 'cutmix_sample' }],
    ['draws per batch only', { augmentation: 'ricap_batch', seedingMode: 'per_batch' }],
    ['policies', { augmentation: ['pad_crop_flip', 'trivial_augment', 'random_erasing'] }],
    ['the last batch left out', { loader: { dropLast: true } }],
    ['two copies of each image', { loader: { batchRepeat: 2 } }],
    ['a batch larger than the data', { batchSize: 1000 }],
    ['one image at a time', { batchSize: 1, epochs: 1, dataset: { trainSize: 3, validationSize: 1, testSize: 1 } }],
    ['an order as torch draws it', { loader: { order: 'torch_exact', shuffle: 'fixed' } }],
  ])('%s', async (_, given) => {
    const spec = smallSpec(given);
    const { result, epochs } = await recordRun(trainer, spec);
    expect(epochs).toHaveLength(spec.condition.epochs);
    for (const { trainLoss, trainAccuracy } of epochs) {
      expect(trainLoss).toBeGreaterThan(0);
      expect(trainLoss).toBeLessThan(10);
      expect(trainAccuracy).toBeGreaterThanOrEqual(0);
      expect(trainAccuracy).toBeLessThanOrEqual(1);
    }
    expect(result.weightHash).not.toBe(usual);
    expect(result.imagePassesPerSecond).toBeGreaterThan(0);
    expect(result.seconds).toBeGreaterThan(0);
  });

  it('learns: the loss on 100 images falls to a third in ten epochs of PGD', async () => {
    const learn = {
      epochs: 10,
      dataset: { trainSize: 100 },
      optimizer: { learningRate: 5e-3 },
      attack: { epsilon: 0.03 },
    };
    const { epochs, result } = await recordRun(trainer, smallSpec({ ...learn, evaluation: { every: 10 } }));
    expect(epochs[9].trainLoss).toBeLessThan(epochs[0].trainLoss / 3);
    expect(result.metrics.cleanAccuracy).toBeGreaterThan(0.4);
  });
});

it('batches of any size, one after the other on one trainer, have the bits of a fresh one', async () => {
  for (const batchSize of [1, 20, 32, 70, 1000]) {
    const spec = smallSpec({ batchSize, epochs: 1, model: 'tiny-cnn-bn', dataset: { trainSize: 33 } });
    expect(bitsOf(await recordRun(trainer, spec))).toEqual(bitsOf(await recordRun(await openTrainer(), spec)));
  }
});

describe('what is refused before anything is loaded', () => {
  const invalid = async (spec: RunSpec): Promise<unknown> => recordRun(trainer, spec).catch((error: unknown) => error);

  it('another version of the spec', async () => {
    const error = await invalid({ ...smallSpec(), specVersion: 99 });
    expect(error).toBeInstanceOf(InvalidSpecError);
    expect(error).toMatchObject({ field: 'specVersion', value: 99 });
  });

  it.each([-1, 0.5, 2 ** 32, Number.NaN])('seed %d', async (seed) => {
    const error = await invalid(smallSpec({}, seed));
    expect(error).toBeInstanceOf(InvalidSpecError);
    expect(error).toMatchObject({ field: 'seed', value: seed });
  });

  it.each<[string, Given]>([
    ['loader.workers', { seedingMode: 'single_process', loader: { workers: 2 } }],
    ['batchSize', { batchSize: 71, loader: { dropLast: true } }],
    ['dataset.trainSize', { dataset: { trainSize: 60_000 } }],
    ['attack.steps', { method: 'fgsm', attack: { steps: 2 } }],
  ])('a condition that contradicts itself in %s', async (field, given) => {
    const error = await invalid(smallSpec(given));
    expect(error).toBeInstanceOf(InvalidSpecError);
    expect(error).toMatchObject({ field });
    expect((error as Error).message).toContain(field);
  });
});
