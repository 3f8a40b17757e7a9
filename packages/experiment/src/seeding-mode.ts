// The seeding modes by name, with what each stands for; the streams themselves are derived in packages/dataloader.

export const SEEDING_MODE_MEANINGS = {
  modern:
    'PyTorch ≥ 1.9: every worker of every epoch has its own NumPy stream, seeded from (base seed of the epoch, worker).',
  inherited:
    'PyTorch < 1.9 on Linux: every worker of every epoch starts from a copy of the parent’s NumPy state. The bug.',
  const_worker: 'np.random.seed(S + worker): workers differ, every epoch repeats. The common home-made fix.',
  shared_fresh: 'All workers of an epoch share one stream, fresh each epoch: isolates duplication across workers.',
  fixed_per_sample: 'A stream per sample, the same in every epoch: each image is augmented once. Lower control.',
  per_sample: 'A stream per (epoch, sample), independent of workers, batch size, order and resume.',
  single_process: 'No workers: one NumPy stream for the whole run. Reference.',
} as const;

export type SeedingMode = keyof typeof SEEDING_MODE_MEANINGS;
export const SEEDING_MODES = Object.keys(SEEDING_MODE_MEANINGS) as SeedingMode[];
