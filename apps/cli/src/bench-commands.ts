// The subcommands of `reseed bench` with their flags.
import { readConfig } from '@reseed/config';
import type { BackendName, CountedMethod } from '@reseed/training';
import { type Command, Option } from 'commander';
import { type BenchWork, benchModel } from './bench-condition.ts';
import { wholeNumber } from './flag-values.ts';
import { printJson } from './print-json.ts';

const METHODS: readonly CountedMethod[] = ['plain', 'fgsm', 'pgd'];
const BACKENDS: readonly (BackendName | 'gpu')[] = ['auto', 'portable', 'native', 'tensorflow', 'gpu'];
/** Of the backends and of PyTorch. */
const MOST_THREADS = 1024;

interface WorkFlags extends Omit<BenchWork, 'model'> {
  readonly model: string;
  readonly backend: BackendName | 'gpu';
  readonly warmup: number;
  readonly json?: true;
}

/** What all benchmarks of training steps are told. */
const withWork = (command: Command, model: string) =>
  command
    .option(
      '--model <name>',
      'any model of a grid, on images of the shape it was published for; "madry" is madry-cnn',
      model,
    )
    .addOption(new Option('--method <name>', 'how it trains').choices(METHODS).default('pgd'))
    .option('--steps <n>', 'attack steps (pgd)', wholeNumber(1, 1000), 10)
    .option('--batch <n>', 'batch size', wholeNumber(1, 65_536), 128)
    .addOption(new Option('--backend <name>', 'what computes; auto as in a run').choices(BACKENDS).default('auto'))
    .option('--warmup <n>', 'training steps before those that count', wholeNumber(0, 1000), 2);

const withBatches = (command: Command) =>
  command.option('--batches <n>', 'training steps that count', wholeNumber(1, 100_000), 10);

const withRounds = (command: Command) =>
  command.option('--rounds <n>', 'how often both are measured, in the order ABBA', wholeNumber(1, 1000), 5);

const asJson = (command: Command) => command.option('--json', 'print one JSON document');

/** Lines about what goes on: on standard output, unless that is to hold JSON. */
const reportTo = (json: true | undefined) => (line: string) =>
  json === true ? process.stderr.write(`${line}\n`) : console.log(line);

export function addBenchCommands(program: Command): void {
  const bench = program.command('bench').description('measure this machine');
  addTrain(bench);
  addRatio(bench);
  addSideBySide(bench);
  addStream(bench);
  addQueue(bench);
  addOverhead(bench);
}

function addTrain(bench: Command): void {
  const command = bench
    .command('train')
    .description(
      'training throughput: images per second through attack and update, beside the rate of a matrix product',
    )
    .option('--threads <n>', 'threads of the backend; its own choice unless given', wholeNumber(1, MOST_THREADS));
  asJson(withBatches(withWork(command, 'tiny-cnn'))).action(
    async ({ json, ...flags }: WorkFlags & { batches: number; threads?: number }) => {
      const model = benchModel(flags.model);
      const { benchTrain, describeTrainFigures } = await import('./bench-train.ts');
      const figures = await benchTrain({ ...flags, model });
      if (json === true) printJson(figures, 'line');
      else console.log(describeTrainFigures(figures));
    },
  );
}

function addRatio(bench: Command): void {
  const command = bench
    .command('ratio')
    .description('the same training steps here and in PyTorch, alternately, each time in a fresh process: their ratio')
    .option('--threads <n>', 'threads of both', wholeNumber(1, MOST_THREADS), 1)
    .option('--python <path>', 'a Python that can import torch', 'python3');
  asJson(withRounds(withBatches(withWork(command, 'madry-cnn')))).action(
    async ({ json, ...flags }: WorkFlags & { batches: number; threads: number; rounds: number; python: string }) => {
      const { benchRatio, TWIN_MODELS } = await import('./bench-ratio.ts');
      const { describeRatio } = await import('./rounds.ts');
      const model = benchModel(flags.model, TWIN_MODELS);
      const figures = await benchRatio({ ...flags, model }, reportTo(json));
      if (json === true) printJson(figures, 'line');
      else console.log(`images/s here over images/s in PyTorch: ${describeRatio(figures.ratio)}`);
    },
  );
}

function addSideBySide(bench: Command): void {
  const command = bench
    .command('side-by-side')
    .description('throughput of several training processes at once, against that of one alone')
    .option('--streams <n>', 'processes', wholeNumber(2, 256), 2)
    .option('--threads <n>', 'threads of each', wholeNumber(1, MOST_THREADS), 1)
    .option('--seconds <n>', 'how long they run together', wholeNumber(1, 3600), 15);
  asJson(withRounds(withWork(command, 'madry-cnn'))).action(
    async ({ json, ...flags }: WorkFlags & { streams: number; threads: number; seconds: number; rounds: number }) => {
      const model = benchModel(flags.model);
      const { benchSideBySide } = await import('./bench-side-by-side.ts');
      const { describeRatio } = await import('./rounds.ts');
      const figures = await benchSideBySide({ ...flags, model }, reportTo(json));
      if (json === true) printJson(figures, 'line');
      else console.log(`${figures.streams} side by side over one alone: ${describeRatio(figures.scaling)}`);
    },
  );
}

function addStream(bench: Command): void {
  const command = bench.command('stream', { hidden: true }).option('--threads <n>', '', wholeNumber(1, MOST_THREADS));
  withWork(command, 'madry-cnn').action(async (flags: WorkFlags & { threads?: number }) => {
    const { benchStream } = await import('./bench-stream.ts');
    await benchStream({ ...flags, model: benchModel(flags.model) });
  });
}

function addQueue(bench: Command): void {
  const command = bench
    .command('queue')
    .description('what orchestration costs: POST, queueing and no-op runs on private services')
    .option('--runs <n>', 'runs of the grid', wholeNumber(1, 20_000), 10_000)
    .option('--trainer <kind>', 'noop or sleep:MS', 'noop');
  asJson(command).action(async ({ json, ...options }: { runs: number; trainer: string; json?: true }) => {
    const { benchQueue } = await import('./bench-queue.ts');
    printJson(await benchQueue({ config: readConfig(), ...options }), json === true ? 'line' : 'indented');
  });
}

function addOverhead(bench: Command): void {
  const command = bench
    .command('overhead')
    .description('what a trainer spends besides training: a no-op run, loading MNIST, waiting for batches, memory')
    .addOption(new Option('--device <class>').choices(['auto', 'cpu', 'gpu']).default('auto'))
    .option('--runs <n>', 'no-op runs', wholeNumber(1, 100_000), 2000)
    .option('--steps <n>', 'steps over which memory is watched', wholeNumber(400, 1_000_000), 2000);
  asJson(command).action(
    async ({ json, ...options }: { device: 'auto' | 'cpu' | 'gpu'; runs: number; steps: number; json?: true }) => {
      const { benchOverhead } = await import('./bench-overhead.ts');
      printJson(await benchOverhead(options), json === true ? 'line' : 'indented');
    },
  );
}
