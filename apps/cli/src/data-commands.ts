// `reseed data …`: the datasets on this machine.
import { DATASET_FACTS, type NamedDataset } from '@reseed/experiment';
import { Argument, type Command, Option } from 'commander';
import { fetchFolder } from './data-folder.ts';
import { wholeNumber } from './flag-values.ts';

interface FetchFlags {
  readonly folder?: string;
  readonly from?: string;
  readonly json?: true;
}

interface DescribeFlags {
  readonly height?: number;
  readonly width?: number;
  readonly channels?: '1' | '3';
  readonly dataFolder?: string;
  readonly json?: true;
}

/** @param home tells the state home when a command needs it */
export function addDataCommands(program: Command, home: () => string): void {
  const data = program.command('data').description('datasets on this machine');

  data
    .command('fetch')
    .description('fetch the original files of a dataset, checked; resumed where it was cut')
    .addArgument(new Argument('<name>').choices(Object.keys(DATASET_FACTS)))
    .option('--folder <folder>', 'where it goes; else where workers look first')
    .option('--from <url>', 'a mirror that has the files under their original names')
    .option('--json', 'print one JSON document')
    .action(async (name: NamedDataset, options: FetchFlags) => {
      const { runFetch } = await import('./fetch-data.ts');
      await runFetch(name, { folder: fetchFolder(home()), ...options });
    });

  data
    .command('describe')
    .description('say what a folder of PNG and JPEG files holds, as the dataset block of a grid')
    .argument('<folder>', 'with <class>/<image>, or train/<class>/<image> and test/<class>/<image>')
    .option('--height <pixels>', 'rows; else those of the most common size', wholeNumber(8, 512))
    .option('--width <pixels>', 'columns; else those of the most common size', wholeNumber(8, 512))
    .addOption(new Option('--channels <n>', 'else 3 if any image has a colour').choices(['1', '3']))
    .option('--data-folder <folder>', 'where workers look for datasets; else where fetched ones go')
    .option('--json', 'print one JSON document')
    .action(async (folder: string, { channels, dataFolder = fetchFolder(home()), ...options }: DescribeFlags) => {
      const { runDescribe } = await import('./describe-data.ts');
      const chosen = channels === undefined ? {} : { channels: Number(channels) };
      await runDescribe(folder, { ...options, ...chosen, dataFolder });
    });
}
