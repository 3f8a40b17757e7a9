// The reseed command: every subcommand with its flags, and the exit codes 0 done, 1 bad input or failure, 2 finding.
import { ConfigError, readConfig } from '@reseed/config';
import { GridError } from '@reseed/experiment';
import { Command, InvalidArgumentError, Option } from 'commander';
import { ApiCallError, ApiClient, ApiUnreachableError, describeDetails } from './api-client.ts';
import { BenchTrainerError, benchQueue } from './bench-queue.ts';
import { benchTrain } from './bench-train.ts';
import { ChildStartError } from './child-process.ts';
import { runDemo, workersThisMachineCarries } from './demo.ts';
import { printComparison } from './print-comparison.ts';
import { runSubmit, runWatch } from './submit.ts';
import { runUp } from './up.ts';

const wholeNumber = (min: number, max: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw new InvalidArgumentError(`must be a whole number from ${min} to ${max}.`);
  return value;
};

const client = () => {
  const config = readConfig();
  return new ApiClient({ url: config.RESEED_URL, key: config.RESEED_API_KEY });
};

/** Runs a subcommand and ends the process with its exit code. */
const finish = async (work: Promise<number>) => {
  process.exitCode = await work;
};

const print = (value: unknown, json: boolean | undefined) =>
  console.log(JSON.stringify(value, undefined, json === true ? undefined : 2));

const program = new Command('reseed')
  .description('Did the randomness do what we think it did, and does it change the result?')
  .showSuggestionAfterError()
  .showHelpAfterError('(--help shows the flags)');

program
  .command('demo')
  .description('set everything up, run the ready-made study on real data, print the comparison')
  .option('--fresh', 'forget earlier results and start over')
  .option('--workers <n>', 'worker processes', wholeNumber(1, 256))
  .action((options: { fresh?: true; workers?: number }) =>
    finish(
      runDemo({
        config: readConfig(),
        start: options.fresh === true ? 'fresh' : 'resume',
        ...(options.workers === undefined ? {} : { workers: options.workers }),
      }),
    ),
  );

program
  .command('up')
  .description('start services, API and workers until Ctrl-C')
  .option('--workers <n>', 'worker processes', wholeNumber(0, 256), workersThisMachineCarries())
  .addOption(new Option('--device <class>', 'device of the workers').choices(['auto', 'cpu', 'gpu']).default('auto'))
  .option('--drain-seconds <n>', 'how long a stopping worker may finish its run', wholeNumber(0, 3600), 20)
  .action((options: { workers: number; device: string; drainSeconds: number }) =>
    finish(runUp({ config: readConfig(), ...options })),
  );

program
  .command('submit')
  .description('post a grid (a JSON file, - for standard input, or template:NAME)')
  .argument('<source>')
  .option('--watch', 'follow it to its comparison')
  .option('--dry-run', 'only say what it would do')
  .option('--key <key>', 'Idempotency-Key: posting the same grid again gives the same experiment')
  .option('--json', 'print one JSON document')
  .action((source: string, options: { watch?: true; dryRun?: true; key?: string; json?: true }) =>
    finish(runSubmit(client(), source, options)),
  );

program
  .command('watch')
  .description('follow an experiment to its comparison')
  .argument('<id>')
  .action((id: string) => finish(runWatch(client(), id)));

program
  .command('compare')
  .description('print the comparison of an experiment')
  .argument('<id>')
  .option('--json', 'print one JSON document')
  .action(async (id: string, options: { json?: true }) => {
    if (options.json === true) print(await client().call('GET', `/v1/experiments/${id}/comparison`), true);
    else await printComparison(client(), id);
  });

const bench = program.command('bench').description('measure this machine');

bench
  .command('train')
  .description('training throughput: images per second through attack and update')
  .addOption(new Option('--model <name>').choices(['tiny-cnn', 'mnist_net']).default('tiny-cnn'))
  .addOption(new Option('--method <name>').choices(['plain', 'fgsm', 'pgd']).default('pgd'))
  .option('--steps <n>', 'attack steps (pgd)', wholeNumber(1, 1000), 10)
  .option('--batch <n>', 'batch size', wholeNumber(1, 65_536), 128)
  .option('--images <n>', 'training images an epoch', wholeNumber(1, 59_999), 1280)
  .option('--epochs <n>', 'epochs that count, after one to warm up', wholeNumber(1, 1000), 3)
  .addOption(new Option('--device <class>').choices(['auto', 'cpu', 'gpu']).default('auto'))
  .option('--json', 'print one JSON document')
  .action(
    async (options: {
      model: string;
      method: string;
      steps: number;
      batch: number;
      images: number;
      epochs: number;
      device: 'auto' | 'cpu' | 'gpu';
      json?: true;
    }) => {
      const attack = options.method === 'pgd' ? { steps: options.steps } : {};
      const parameters = { model: options.model, method: options.method, batchSize: options.batch, attack };
      print(await benchTrain({ ...options, parameters }), options.json);
    },
  );

bench
  .command('queue')
  .description('what orchestration costs: POST, queueing and no-op runs on private services')
  .option('--runs <n>', 'runs of the grid', wholeNumber(1, 20_000), 10_000)
  .option('--trainer <kind>', 'noop or sleep:MS', 'noop')
  .option('--json', 'print one JSON document')
  .action(async (options: { runs: number; trainer: string; json?: true }) =>
    print(await benchQueue({ config: readConfig(), ...options }), options.json),
  );

/** Errors that a user can mend are told in words; anything else keeps its stack. */
function explain(error: unknown): string {
  if (error instanceof ApiCallError)
    return [error.message, ...describeDetails(error.details).map((line) => `  ${line}`)].join('\n');
  const known = [ApiUnreachableError, ChildStartError, ConfigError, GridError, BenchTrainerError];
  if (
    known.some((kind) => error instanceof kind) ||
    (error instanceof Error && error.name.endsWith('Error') && error.name !== 'Error' && error.name !== 'TypeError')
  ) {
    return (error as Error).message;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
