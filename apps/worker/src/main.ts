// Entry of a worker process: reads its flags.
import { parseArgs } from 'node:util';
import { runWorker } from './run-worker.ts';

const { values } = parseArgs({
  options: {
    device: { type: 'string', default: 'auto' },
    'data-folder': { type: 'string' },
    'drain-seconds': { type: 'string', default: '20' },
    'keep-last': { type: 'string', default: '2' },
    'checkpoint-every': { type: 'string', default: '1' },
    trainer: { type: 'string' },
    'trainer-argument': { type: 'string', multiple: true, default: [] },
  },
});
const fail = (flag: keyof typeof values, limit: string): never => {
  console.error(`--${flag} must be ${limit}, got "${String(values[flag])}"`);
  process.exit(1);
};
const wholeNumber = (flag: 'keep-last' | 'checkpoint-every', from: number): number => {
  const value = /^\d{1,9}$/.test(values[flag]) ? Number(values[flag]) : -1;
  return value >= from ? value : fail(flag, `a whole number from ${from}`);
};
const drainSeconds = Number(values['drain-seconds']);
if (!(drainSeconds >= 0)) fail('drain-seconds', 'a number from 0');
await runWorker({
  device: values.device,
  drainSeconds,
  keepLast: wholeNumber('keep-last', 1),
  checkpointEvery: wholeNumber('checkpoint-every', 0),
  ...(values['data-folder'] === undefined ? {} : { dataFolder: values['data-folder'] }),
  ...(values.trainer === undefined
    ? {}
    : { trainer: { module: values.trainer, arguments: values['trainer-argument'] } }),
});
