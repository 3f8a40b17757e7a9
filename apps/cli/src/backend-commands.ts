// `reseed backend …`: faster backends for this machine.
import type { Command } from 'commander';

interface BuildFlags {
  readonly tensorflow: string;
  readonly libraries: readonly string[];
  readonly json?: true;
}

const append = (folder: string, before: readonly string[]): string[] => [...before, folder];

export function addBackendCommands(program: Command): void {
  const backend = program.command('backend').description('faster backends for this machine');

  backend
    .command('build-tensorflow')
    .description('build the TensorFlow.js binding against a TensorFlow for Python: half a minute, needs g++ and npm')
    .requiredOption('--tensorflow <path>', 'a wheel (tensorflow-….whl), or an installed …/site-packages/tensorflow')
    .option('--libraries <folder>', "where CUDA's libraries lie (…/site-packages/nvidia); may be repeated", append, [])
    .option('--json', 'print one JSON document')
    .action(async ({ json, ...options }: BuildFlags) => {
      const { buildTensorflow, describeBinding } = await import('./build-tensorflow.ts');
      const built = await buildTensorflow(options);
      console.log(json === true ? JSON.stringify(built) : describeBinding(built));
    });
}
