// The API of one test file, built on services of its own and asked without a socket.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildApi } from '@reseed/api';
import { type Artifacts, openArtifacts } from '@reseed/artifacts';
import { createLogger } from '@reseed/config';
import type { Database } from '@reseed/database';
import { openQueues, type Queues } from '@reseed/queue';
import { afterAll } from 'vitest';
import { ownDatabase, ownRedis } from './own-services.ts';

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, unknown>>;
}

export interface OwnApi {
  readonly database: Database;
  readonly queues: Queues;
  /** in a folder that goes with the last test */
  readonly artifacts: Artifacts;
  /** how often a POST has asked the reconciler to start */
  readonly kicks: () => number;
  /** Opens a socket, on any free port. @returns its address */
  listen(): Promise<string>;
  ask(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    given?: { body?: unknown; headers?: Record<string, string> },
  ): Promise<Answer>;
}

/** @param config as the environment would give it; without a key unless told otherwise */
export async function ownApi(
  config: { RESEED_API_KEY?: string; RESEED_HOST?: string; RESEED_RUN_LIMIT?: number } = {},
): Promise<OwnApi> {
  const database = await ownDatabase();
  const logger = createLogger({ name: 'test-api', level: 'silent' });
  const queues = openQueues({ redisUrl: await ownRedis(), logger });
  const folder = mkdtempSync(join(tmpdir(), 'reseed-artifacts-test-'));
  const artifacts = openArtifacts(folder);
  let kicks = 0;
  const app = await buildApi({
    database,
    queues,
    artifacts,
    logger,
    config: { RESEED_HOST: '127.0.0.1', RESEED_API_KEY: undefined, RESEED_RUN_LIMIT: undefined, ...config },
    kick: () => {
      kicks += 1;
    },
  });
  afterAll(async () => {
    await app.close();
    await queues.close();
    rmSync(folder, { recursive: true });
  });
  return {
    database,
    queues,
    artifacts,
    kicks: () => kicks,
    listen: () => app.listen({ host: '127.0.0.1', port: 0 }),
    async ask(method, url, { body, headers = {} } = {}) {
      const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
      const type = payload === undefined ? {} : { 'content-type': 'application/json' };
      const answer = await app.inject({
        method,
        url,
        headers: { ...type, ...headers },
        ...(payload === undefined ? {} : { payload }),
      });
      const isJson = String(answer.headers['content-type']).startsWith('application/json');
      return {
        status: answer.statusCode,
        body: (isJson ? answer.json() : { text: answer.body }) as Record<string, unknown>,
        headers: answer.headers,
      };
    },
  };
}
