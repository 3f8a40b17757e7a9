// Entry of a worker process: reads its flags and the environment, works until a signal, then finishes or hands back its run.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createLogger, onShutdown, readConfig } from '@reseed/config';
import { openDatabase } from '@reseed/database';
import { startWorker } from './start-worker.ts';

const { values } = parseArgs({
  options: {
    device: { type: 'string', default: 'auto' },
    'data-folder': { type: 'string' },
    'drain-seconds': { type: 'string', default: '20' },
    trainer: { type: 'string' },
    'trainer-argument': { type: 'string', multiple: true, default: [] },
  },
});
const config = readConfig();
const logger = createLogger({ name: 'worker', level: config.LOG_LEVEL });
if (config.DATABASE_URL === undefined || config.REDIS_URL === undefined) {
  logger.fatal('a worker needs DATABASE_URL and REDIS_URL');
  process.exit(1);
}
const drainSeconds = Number(values['drain-seconds']);
const database = openDatabase({ url: config.DATABASE_URL, poolSize: 4 });
const folder = values['data-folder'];
try {
  const worker = await startWorker({
    database,
    redisUrl: config.REDIS_URL,
    logger,
    trainerModule: values.trainer ?? fileURLToPath(new URL('./trainer-main.js', import.meta.url)),
    trainerArguments:
      values.trainer === undefined
        ? ['--device', values.device, ...(folder === undefined ? [] : ['--data-folder', folder])]
        : values['trainer-argument'],
    onUseless: (error) => {
      logger.fatal({ err: error }, 'this worker cannot go on');
      shutdown.shutDown();
    },
  });
  const shutdown = onShutdown({
    logger,
    limitMs: (drainSeconds + 15) * 1000,
    steps: [
      { name: 'worker', close: () => worker.stop({ drainSeconds }) },
      { name: 'database', close: () => database.close() },
    ],
  });
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.send?.({ type: 'ready' });
} catch (error) {
  logger.fatal({ err: error }, 'the worker cannot start');
  await database.close();
  process.exit(1);
}
