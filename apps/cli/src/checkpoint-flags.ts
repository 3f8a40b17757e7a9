// The flags on checkpoints that several commands share.
import { Option } from 'commander';
import { wholeNumber } from './flag-values.ts';

/** Of the commands that start workers. */
export interface CheckpointFlags {
  readonly keepLast: number;
  readonly checkpointEvery: number;
}

export const keepLastOption = () =>
  new Option('--keep-last <n>', 'how many checkpoints of a run are kept').argParser(wholeNumber(1, 1000)).default(2);

export const checkpointEveryOption = () =>
  new Option('--checkpoint-every <n>', 'a checkpoint after every so many epochs, 0 for none')
    .argParser(wholeNumber(0, 1_000_000))
    .default(1);
