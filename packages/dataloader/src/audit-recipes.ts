// What each known way of seeding NumPy in DataLoader workers does, before and since PyTorch 1.9, found by running it.
import { type AuditOptions, auditRun } from './audit-run.ts';
import { createLoader } from './create-loader.ts';
import type { LoaderMode } from './loader-options.ts';

/** Since 1.9 (June 2021) PyTorch seeds NumPy in each worker itself, before worker_init_fn. */
export type TorchVersion = '< 1.9' | '≥ 1.9';
export const TORCH_VERSIONS: readonly TorchVersion[] = ['< 1.9', '≥ 1.9'];

export interface Recipe {
  /** What a researcher writes, in worker_init_fn unless it says otherwise. */
  readonly code: string;
  /** The seeding mode that this is, on Linux (fork). */
  readonly modes: Readonly<Record<TorchVersion, LoaderMode>>;
  /** The C of a constant that stands in the code. */
  readonly constant?: number;
}

const always = (mode: LoaderMode): Recipe['modes'] => ({ '< 1.9': mode, '≥ 1.9': mode });
const since = (before: LoaderMode, after: LoaderMode): Recipe['modes'] => ({ '< 1.9': before, '≥ 1.9': after });

export const RECIPES: readonly Recipe[] = [
  { code: '(nothing)', modes: since('inherited', 'modern') },
  { code: '(nothing), persistent_workers=True', modes: since('inherited_persistent', 'modern_persistent') },
  { code: '(nothing), and the main process draws from NumPy too', modes: since('inherited_main_draws', 'modern') },
  { code: 'np.random.seed(1000 + worker_id)', modes: always('const_worker'), constant: 1000 },
  { code: 'np.random.seed(seed + worker_id)', modes: always('const_worker') },
  {
    code: 'np.random.seed(np.random.get_state()[1][0] + worker_id)',
    modes: since('blog_state0', 'blog_state0_on_modern'),
  },
  {
    code: 'the same, and np.random.seed(seed + epoch) in the main process',
    modes: since('blog_epoch', 'blog_epoch_on_modern'),
  },
  { code: 'np.random.seed(torch.initial_seed() % 2**32)', modes: always('docs_seed_worker') },
  { code: 'np.random.seed(torch.initial_seed() // 2**32 + worker_id)', modes: always('initial_seed_div32') },
  {
    code: 'np.random.seed(SeedSequence([worker_id, base_seed]).generate_state(4))',
    modes: always('seed_sequence_rkern'),
  },
  { code: 'Lightning’s seed_everything(seed, workers=True)', modes: always('lightning') },
  { code: '(nothing), draws from torch instead of NumPy', modes: always('torch_rng') },
  { code: '(nothing), draws from Python’s random instead of NumPy', modes: always('python_rng') },
];

export interface RecipeAudit {
  readonly code: string;
  readonly torch: TorchVersion;
  readonly seedingMode: LoaderMode;
  /** Whether workers of an epoch draw the same. */
  readonly duplicates: 'yes' | 'no';
  /** Whether a later epoch draws what an earlier one drew: partly when only some streams, or other workers, do. */
  readonly repeats: 'every epoch' | 'partly' | 'no';
  readonly dependsOnSeed: 'yes' | 'no';
}

/** Enough of each for every pattern to show; two seeds far apart. */
const SIZES = { sampleCount: 64, batchSize: 4, epochs: 4 } as const;
const LOADER = { workers: 4, order: 'decoupled', shuffle: 'reshuffle', dropLast: false, batchRepeat: 1 } as const;
const SEEDS = [401_918_031, 3_190_104_225] as const;

function auditRecipe({ code, modes, constant }: Recipe, torch: TorchVersion): RecipeAudit {
  const optionsOf = (seed: number): AuditOptions<string> => ({
    ...SIZES,
    seed,
    loader: LOADER,
    seedingMode: modes[torch],
    // Raw words: equal parameters may be drawn by chance.
    draws: { sample: (stream) => Array.from({ length: 4 }, () => stream.nextUint32()).join() },
    ...(constant === undefined ? {} : { constant }),
  });
  const { distinctBlocksPerEpoch, distinctBlocksPerRun, duplicatedSharePerEpoch } = auditRun(optionsOf(SEEDS[0]));
  const perEpoch = distinctBlocksPerEpoch.counted;
  const perRun = distinctBlocksPerRun.counted;
  const apart = perRun === perEpoch * SIZES.epochs ? 'no' : 'partly';
  const [first, second] = SEEDS.map((seed) => drawsOfRun(optionsOf(seed)));
  return {
    code,
    torch,
    seedingMode: modes[torch],
    duplicates: duplicatedSharePerEpoch > 0 ? 'yes' : 'no',
    repeats: perRun === perEpoch ? 'every epoch' : apart,
    dependsOnSeed: first.some((block, i) => block !== second[i]) ? 'yes' : 'no',
  };
}

function drawsOfRun(options: AuditOptions<string>): string[] {
  const loader = createLoader(options);
  return Array.from({ length: options.epochs }, (_, epoch) =>
    [...loader.epoch(epoch)].flatMap(({ parameters }) => parameters),
  ).flat();
}

/** Every recipe under every version, computed now (a few ms). */
export function auditRecipes(): RecipeAudit[] {
  return RECIPES.flatMap((recipe) => TORCH_VERSIONS.map((torch) => auditRecipe(recipe, torch)));
}

/** The audit as a Markdown table, which reads well on a terminal too. */
export function describeRecipes(audits: readonly RecipeAudit[]): string[] {
  const header = [
    'worker_init_fn',
    'PyTorch',
    'workers duplicate',
    'epochs repeat',
    'depends on the seed',
    'seedingMode',
  ];
  const rows = audits.map(({ code, torch, duplicates, repeats, dependsOnSeed, seedingMode }) => [
    code.startsWith('np.') ? `\`${code}\`` : code,
    torch,
    duplicates,
    repeats,
    dependsOnSeed,
    seedingMode,
  ]);
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}
