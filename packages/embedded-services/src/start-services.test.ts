import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLogger } from '@reseed/config';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServiceFolderError, ServiceUnreachableError } from './errors.ts';
import { startServices } from './start-services.ts';

const home = join(tmpdir(), `no-services-${process.pid}`);
const logger = createLogger({ name: 'test', level: 'silent' });
/** Accepts everybody, says nothing, and stays when the other side hangs up. */
const mute = createServer({ allowHalfOpen: true }, (socket) => socket.unref()).unref();
/** A port on which nobody listens any more. */
let closed: number;

beforeAll(async () => {
  const gone = createServer();
  for (const server of [mute, gone]) await once(server.listen(0, '127.0.0.1'), 'listening');
  closed = (gone.address() as AddressInfo).port;
  gone.close();
});

afterAll(() => {
  mute.close();
});

async function failureAt(variable: 'DATABASE_URL' | 'REDIS_URL', address: string): Promise<unknown> {
  const url = `${variable === 'REDIS_URL' ? 'redis' : 'postgresql'}://somebody:secret@${address}/reseed`;
  return startServices({ home, logger, env: { [variable]: url }, givenWaitMs: 100 }).catch((error: unknown) => error);
}

describe.each(['DATABASE_URL', 'REDIS_URL'] as const)('a server that %s names', (variable) => {
  it.each([
    ['does not exist', () => `127.0.0.1:${closed}`, /ECONNREFUSED/],
    ['does not exist at any address of its host', () => `localhost:${closed}`, /ECONNREFUSED/],
    [
      'accepts connections and stays silent',
      () => `127.0.0.1:${(mute.address() as AddressInfo).port}`,
      /timeout|no answer/,
    ],
    ['has a host without an address', () => 'nowhere.invalid:1', /ENOTFOUND|EAI_AGAIN/],
  ])('and that %s is an error that says so; nothing is started', async (_, address, reason) => {
    const error = await failureAt(variable, address());
    expect(error).toBeInstanceOf(ServiceUnreachableError);
    expect(error).toMatchObject({ variable, waitedMs: 100 });
    const { message } = error as Error;
    expect(message).toMatch(reason);
    expect(message).toContain(`Start it, correct ${variable}, or unset it to get a private server.`);
    expect(message).not.toContain('secret');
    expect(existsSync(home)).toBe(false);
  });
});

it('a home that cannot be made is an error that names the way out', async () => {
  const file = fileURLToPath(import.meta.url);
  const start = startServices({ home: join(file, 'home'), logger, env: {} });
  await expect(start).rejects.toThrow(ServiceFolderError);
  await expect(start).rejects.toThrow(/ENOTDIR.* Set RESEED_HOME/);
});
