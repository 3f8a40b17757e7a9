// Holds the imports against the layers: an import only goes down, siblings never import each other.
import { cruise } from 'dependency-cruiser';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));

/** What each room may import of the others; everything else is a violation. */
const MAY_IMPORT = {
  'packages/rng': [],
  'packages/config': [],
  'packages/fused-kernels': [],
  'packages/tfjs-backend-native': ['config', 'fused-kernels'],
  'packages/tfjs-backend-portable': ['fused-kernels'],
  'packages/tfjs-backend-tensorflow': [],
  'packages/experiment': ['rng'],
  'packages/statistics': ['rng'],
  'packages/embedded-services': ['config'],
  'packages/queue': ['experiment', 'config'],
  'packages/database': ['experiment', 'config'],
  'packages/artifacts': ['experiment', 'config'],
  'packages/datasets': ['experiment', 'rng'],
  'packages/augmentation': ['experiment', 'rng'],
  'packages/attacks': ['experiment', 'fused-kernels', 'rng'],
  'packages/models': ['experiment', 'fused-kernels', 'rng'],
  'packages/dataloader': ['experiment', 'rng'],
  'packages/training': [
    'datasets',
    'augmentation',
    'attacks',
    'models',
    'dataloader',
    'experiment',
    'rng',
    'fused-kernels',
    'tfjs-backend-native',
    'tfjs-backend-portable',
    'tfjs-backend-tensorflow',
  ],
  'apps/api': ['experiment', 'statistics', 'config', 'queue', 'database', 'artifacts', 'dataloader', 'augmentation'],
  'apps/worker': ['training', 'experiment', 'queue', 'database', 'artifacts', 'config'],
  'apps/cli': [
    'rng',
    'config',
    'statistics',
    'experiment',
    'dataloader',
    'datasets',
    'augmentation',
    'attacks',
    'models',
    'training',
    'tfjs-backend-tensorflow',
    'artifacts',
    'embedded-services',
    '../apps/api',
    '../apps/worker',
  ],
};

/** Packages that may be imported in one file only. */
const ONE_PLACE = [
  { pattern: '@tensorflow/tfjs-node(-gpu)?($|/)', only: '^packages/training/src/backend' },
  { pattern: '(^|/)node_modules/@?bullmq($|/)', only: '^(packages/queue|test)/' },
  { pattern: '(^|/)node_modules/@prisma/client($|/)', only: '^(packages/database|test)/' },
];

const rooms = Object.keys(MAY_IMPORT);
const forbidden = [
  ...rooms.map((room) => ({
    name: `${room} imports only ${MAY_IMPORT[room].join(', ') || 'nothing'}`,
    severity: 'error',
    from: { path: `^${room}/` },
    to: {
      path: '^(packages|apps)/',
      pathNot: [
        `^${room}/`,
        ...MAY_IMPORT[room].map((name) => (name.startsWith('../') ? `^${name.slice(3)}/` : `^packages/${name}/`)),
      ],
    },
  })),
  ...ONE_PLACE.map(({ pattern, only }) => ({
    name: `${pattern} only in ${only}`,
    severity: 'error',
    from: { path: '^(packages|apps|test)/', pathNot: [only] },
    to: { path: pattern },
  })),
  {
    name: 'no cycles',
    severity: 'error',
    from: { path: '^(packages|apps)/' },
    to: { circular: true, viaOnly: { pathNot: '/generated/' } },
  },
  {
    name: 'imports resolve',
    severity: 'error',
    from: { path: '^(packages|apps|test)/' },
    to: { couldNotResolve: true, pathNot: '@tensorflow/tfjs-node(-gpu)?$' },
  },
];

const { output } = await cruise(
  ['packages', 'apps', 'test'],
  {
    ruleSet: { forbidden },
    validate: true,
    tsPreCompilationDeps: true,
    exclude: { path: '(^|/)(dist|assembly|golden)/' },
    doNotFollow: { path: 'node_modules' },
  },
  {
    exportsFields: ['exports'],
    conditionNames: ['source', 'types', 'import', 'node', 'default'],
    extensions: ['.ts', '.mjs', '.js', '.json', '.d.ts'],
  },
);

for (const { rule, from, to } of output.summary.violations) console.error(`${from} → ${to}: ${rule.name}`);
// A cruiser that cannot parse TypeScript sees no arrows and passes; these two are known to be there.
const source = output.modules.find((module) => module.source === 'packages/experiment/src/grid.ts');
const sees = source?.dependencies.some((dependency) => dependency.resolved.startsWith('packages/rng/src/'));
if (!sees || rooms.some((room) => !output.modules.some((module) => module.source.startsWith(`${room}/src/`)))) {
  console.error('The layer check does not see the TypeScript imports or a room is missing; it proves nothing.');
  process.exit(2);
}
if (output.summary.error > 0) process.exit(1);
console.log(
  `${output.modules.length} modules, ${output.summary.totalDependenciesCruised} imports, every arrow points down.`,
);
