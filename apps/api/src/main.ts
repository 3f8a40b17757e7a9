// Entry of the API process: migrates, opens Postgres and the queues, reconciles, listens, and closes on a signal.
import { fileURLToPath } from 'node:url';
import { openArtifacts } from '@reseed/artifacts';
import { artifactsAddress, createLogger, onShutdown, readConfig } from '@reseed/config';
import { applyMigrations, openDatabase } from '@reseed/database';
import { openQueues } from '@reseed/queue';
import { buildApi } from './build-api.ts';
import { startReconciler } from './reconciliation/start-reconciler.ts';

// Started by another of our processes: leave with it, also while still starting.
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
const config = readConfig();
const logger = createLogger({ name: 'api', level: config.LOG_LEVEL });
if (config.DATABASE_URL === undefined || config.REDIS_URL === undefined) {
  logger.fatal('the API needs DATABASE_URL and REDIS_URL; `reseed up` starts it together with both');
  process.exit(1);
}
const cloneRoot = fileURLToPath(new URL('../../..', import.meta.url));
try {
  const artifacts = openArtifacts(artifactsAddress({ root: cloneRoot, env: config }));
  const applied = await applyMigrations({ url: config.DATABASE_URL });
  if (applied.length > 0) logger.info({ applied }, 'migrated');
  const onConnectionError = (error: Error) => logger.warn({ err: error }, 'a connection to Postgres broke');
  const database = openDatabase({ url: config.DATABASE_URL, onConnectionError });
  const queues = openQueues({ redisUrl: config.REDIS_URL, logger });
  const reconciler = startReconciler({ database, queues, logger });
  const app = await buildApi({ database, queues, artifacts, logger, config, kick: () => reconciler.kick() });
  onShutdown({
    logger,
    steps: [
      { name: 'server', close: () => app.close() },
      { name: 'reconciler', close: () => reconciler.stop() },
      { name: 'queues', close: () => queues.close() },
      { name: 'database', close: () => database.close() },
    ],
  });
  const url = await app.listen({ host: config.RESEED_HOST, port: config.RESEED_PORT });
  // Started by another of our processes: tell it that all is well.
  process.send?.({ type: 'ready', url });
} catch (error) {
  logger.fatal({ err: error }, 'the API cannot start');
  process.exit(1);
}
