// Entry of the trainer child process: opens the backend and trains what the worker sends.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openArtifacts } from '@reseed/artifacts';
import { backendSettings, checkedFilesPath, createLogger, readConfig } from '@reseed/config';
import { classifyFailure, createTrainer, openBackend } from '@reseed/training';
import { codeVersion } from './code-version.ts';
import { serveTrainer } from './serve-trainer.ts';
import { trainAttempts } from './train-attempt.ts';

const { values } = parseArgs({
  options: {
    device: { type: 'string', default: 'auto' },
    'data-folder': { type: 'string' },
    artifacts: { type: 'string' },
    'keep-last': { type: 'string', default: '2' },
    'checkpoint-every': { type: 'string', default: '1' },
  },
});

await serveTrainer(async () => {
  if (values.artifacts === undefined) throw new TypeError('a trainer needs --artifacts FOLDER');
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const logger = createLogger({ name: 'trainer', level: readConfig().LOG_LEVEL });
  const settings = backendSettings({ root, env: readConfig() });
  const onCompile = () => logger.info('compiling native kernels for this processor, once');
  const backend = await openBackend({
    ...settings,
    device: values.device as 'auto' | 'cpu' | 'gpu',
    native: { ...settings.native, onCompile },
  });
  const dataFolder = values['data-folder'];
  const checkedFiles = checkedFilesPath({ root, env: readConfig() });
  const trainer = createTrainer({ backend, checkedFiles, ...(dataFolder === undefined ? {} : { dataFolder }) });
  const run = trainAttempts({
    trainer,
    artifacts: openArtifacts(values.artifacts),
    backendClass: backend.backendClass,
    codeVersion: codeVersion(),
    keepLast: Number(values['keep-last']),
    checkpointEvery: Number(values['checkpoint-every']),
    logger,
  });
  return { backend, run, classify: classifyFailure };
});
