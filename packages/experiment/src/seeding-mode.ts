// The seeding modes by name, with what each stands for; the streams themselves are derived in packages/dataloader.

export const SEEDING_MODE_MEANINGS = {
  modern:
    'PyTorch ≥ 1.9: every worker of every epoch has its own NumPy stream, seeded from (base seed of the epoch, worker).',
  inherited:
    'PyTorch < 1.9 on Linux: every worker of every epoch starts from a copy of the parent’s NumPy state. The bug.',
  inherited_main_draws:
    'inherited, but the parent draws five doubles before each epoch: workers agree, epochs re-use shifted windows of one sequence.',
  inherited_persistent:
    'inherited with persistent_workers=True: all workers copy the parent’s state once and go on with it over the epochs.',
  const_worker: 'np.random.seed(S + worker): workers differ, every epoch repeats. The common home-made fix.',
  blog_state0:
    'np.random.seed(np.random.get_state()[1][0] + worker) on PyTorch < 1.9: NP(S + worker), every epoch repeats.',
  blog_epoch:
    'blog_state0 with np.random.seed(S + epoch) in the parent: NP(S + epoch + worker), so epoch e + 1 re-uses the streams of epoch e one worker on.',
  blog_state0_on_modern:
    'blog_state0 on PyTorch ≥ 1.9, where the state’s first word is always 2^31: every epoch of every run, whatever its seed, has the same streams.',
  blog_epoch_on_modern: 'blog_epoch on PyTorch ≥ 1.9: the same streams as blog_state0_on_modern.',
  docs_seed_worker:
    'np.random.seed(torch.initial_seed() % 2**32), from PyTorch’s reproducibility page: fresh streams, equal to torch’s own words.',
  initial_seed_div32: 'np.random.seed(torch.initial_seed() // 2**32 + worker), a fix from forums: fresh streams.',
  seed_sequence_rkern:
    'np.random.seed(SeedSequence([worker, base seed]).generate_state(4)), R. Kern’s fix: the streams of modern.',
  modern_persistent: 'modern with persistent_workers=True: seeded once, then the worker’s stream goes on.',
  lightning: 'PyTorch Lightning’s seed_everything(seed, workers=True): SeedSequence([base seed, worker, rank 0]).',
  torch_rng: 'Draws come from torch’s generator, seeded base seed + worker, as in torchvision. Never affected.',
  python_rng: 'Draws come from Python’s random, seeded base seed + worker. Never affected.',
  main_precomputed:
    'The parent draws the options of all samples before each epoch (cifar10-fast, Rice et al. 2020). Never affected.',
  shared_fresh: 'All workers of an epoch share one stream, fresh each epoch: isolates duplication across workers.',
  fixed_per_sample: 'A stream per sample, the same in every epoch: each image is augmented once. Lower control.',
  per_sample: 'A stream per (epoch, sample), independent of workers, batch size, order and resume.',
  per_batch: 'A stream per (epoch, batch) for augmentations that draw once per batch; they alone are allowed.',
  jax_fold_in: 'JAX’s fold_in(fold_in(PRNGKey(S), epoch), sample): a key per (epoch, sample), split before every draw.',
  single_process: 'No workers: one NumPy stream for the whole run. Reference.',
} as const;

export type SeedingMode = keyof typeof SEEDING_MODE_MEANINGS;
export const SEEDING_MODES = Object.keys(SEEDING_MODE_MEANINGS) as SeedingMode[];
