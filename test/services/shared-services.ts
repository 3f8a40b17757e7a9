// The Postgres and the Redis that the tests of one run share: started before the first test, gone after the last.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@reseed/config';
import { startServices, stopServices } from '@reseed/embedded-services';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** the server's own database; tests make theirs with `ownDatabase` */
    databaseUrl: string;
    /** logical database 0; tests take theirs with `ownRedis` */
    redisUrl: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = mkdtempSync(join(tmpdir(), 'reseed-test-'));
  const logger = createLogger({ name: 'test-services', level: 'warn', destination: 'stderr' });
  const teardown = async () => {
    await stopServices({ home });
    rmSync(home, { recursive: true, force: true });
  };
  try {
    const { databaseUrl, redisUrl } = await startServices({ home, logger, env: {} });
    project.provide('databaseUrl', databaseUrl);
    project.provide('redisUrl', redisUrl);
  } catch (error) {
    await teardown();
    throw error;
  }
  return teardown;
}
