// Decides whether the Prisma CLI may use its own schema engine or needs the stand-in of this folder.
import { existsSync, readdirSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Longest wait, in milliseconds, for the host of Prisma's engines to answer. A machine without a network says no in a few. */
const PROBE_LIMIT_MS = 2500;

const standIn = fileURLToPath(new URL('./schema-engine.mjs', import.meta.url));

/**
 * Points PRISMA_SCHEMA_ENGINE_BINARY at the stand-in when, and only when, Prisma's own engine is neither named by the
 * user, nor on this machine, nor downloadable from it. Everywhere else the CLI is left exactly as it came.
 *
 * @param {NodeJS.ProcessEnv} env changed in place
 * @returns {Promise<'named' | 'installed' | 'downloadable' | 'stand-in'>} what the CLI is going to use
 */
export async function chooseSchemaEngine(env) {
  if (env.PRISMA_SCHEMA_ENGINE_BINARY) return 'named';
  const prisma = createRequire(createRequire(import.meta.url).resolve('prisma/package.json'));
  const engines = createRequire(prisma.resolve('@prisma/engines/package.json'));
  const folder = dirname(engines.resolve('@prisma/engines/package.json'));
  if (readdirSync(folder).some((name) => name.startsWith('schema-engine-'))) return 'installed';

  const { getBinaryTargetForCurrentPlatform } = engines('@prisma/get-platform');
  const { getCacheDir, getProxyAgent } = engines('@prisma/fetch-engine');
  const { enginesVersion } = engines('@prisma/engines-version');
  const target = await getBinaryTargetForCurrentPlatform();
  const cache = await getCacheDir('master', enginesVersion, target);
  if (cache && existsSync(join(cache, 'schema-engine'))) return 'installed';

  const host = env.PRISMA_BINARIES_MIRROR || env.PRISMA_ENGINES_MIRROR || 'https://binaries.prisma.sh';
  // A file named .mjs is no program on Windows, so there the CLI keeps its own way and its own message.
  const address = `${host}/all_commits/${enginesVersion}/${target}/schema-engine.gz.sha256`;
  if (process.platform === 'win32' || (await answers(address, getProxyAgent(address)))) return 'downloadable';
  env.PRISMA_SCHEMA_ENGINE_BINARY = standIn;
  return 'stand-in';
}

/**
 * @param {string} address
 * @param {import('node:http').Agent | undefined} agent the proxy's, chosen as Prisma's downloader chooses it
 * @returns {Promise<boolean>} whether a HEAD request is answered with a status below 400 in time
 */
function answers(address, agent) {
  const request = address.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    const head = request(address, { method: 'HEAD', agent, signal: AbortSignal.timeout(PROBE_LIMIT_MS) });
    head.once('response', (response) => {
      response.destroy();
      resolve((response.statusCode ?? 500) < 400);
    });
    head.once('error', () => resolve(false));
    head.end();
  });
}
