// The grid that the documentation shows: two augmentations, two seeding modes, paired over three seeds.

export const GRID_EXAMPLE = {
  name: 'reassess',
  dataset: { name: 'mnist', trainSize: 1000, validationSize: 1000, testSize: 1000 },
  base: {
    model: 'tiny-cnn',
    epochs: 20,
    batchSize: 50,
    attack: { name: 'pgd', norm: 'linf', epsilon: 0.1, steps: 3 },
  },
  axes: { augmentation: ['none', { name: 'pad_crop', pad: 1 }], seedingMode: ['modern', 'inherited'] },
  seeds: { count: 3, master: 2021 },
  exclude: [{ augmentation: 'none', seedingMode: 'inherited' }],
  compare: { factor: 'seedingMode', baseline: 'modern', metric: 'robustAccuracyFinal', margin: 0.01 },
};
