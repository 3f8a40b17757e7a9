// Entry of the trainer child process: opens the backend and trains what the worker sends.
import { parseArgs } from 'node:util';
import { classifyFailure, createTrainer, openBackend } from '@reseed/training';
import { serveTrainer } from './serve-trainer.ts';

const { values } = parseArgs({
  options: { device: { type: 'string', default: 'auto' }, 'data-folder': { type: 'string' } },
});

await serveTrainer(async () => {
  const backend = await openBackend({ device: values.device as 'auto' | 'cpu' | 'gpu' });
  const dataFolder = values['data-folder'];
  const trainer = createTrainer({ backend, ...(dataFolder === undefined ? {} : { dataFolder }) });
  return { backend, run: trainer.run, classify: classifyFailure };
});
