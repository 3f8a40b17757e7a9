// Entry of a worker process: reads its flags.
import { parseArgs } from 'node:util';
import { runWorker } from './run-worker.ts';

const { values } = parseArgs({
  options: {
    device: { type: 'string', default: 'auto' },
    'data-folder': { type: 'string' },
    'drain-seconds': { type: 'string', default: '20' },
    trainer: { type: 'string' },
    'trainer-argument': { type: 'string', multiple: true, default: [] },
  },
});
const drainSeconds = Number(values['drain-seconds']);
if (!(drainSeconds >= 0)) {
  console.error(`--drain-seconds must be a number from 0, got "${values['drain-seconds']}"`);
  process.exit(1);
}
await runWorker({
  device: values.device,
  drainSeconds,
  ...(values['data-folder'] === undefined ? {} : { dataFolder: values['data-folder'] }),
  ...(values.trainer === undefined
    ? {}
    : { trainer: { module: values.trainer, arguments: values['trainer-argument'] } }),
});
