// `reseed doctor`: what this machine has and what it lacks: Node, the backend that computes, Postgres and Redis.
import { type Config, createLogger, nativeKernels, stateHome } from '@reseed/config';
import { startServices } from '@reseed/embedded-services';
import type { BackendDescription } from '@reseed/experiment';
import { openBackend, type RefusedBackend, refusedBackends } from '@reseed/training';
import { cloneRoot } from './clone-root.ts';

/** As `engines` of package.json says. */
const OLDEST_NODE = [20, 19] as const;

/** Compiling takes half a minute and needs a compiler: nobody gets it unasked. */
const NATIVE_NOT_ASKED: RefusedBackend = {
  package: '@reseed/tfjs-backend-native',
  reason: 'not asked for (RESEED_BACKEND=native)',
};

interface Service {
  /** host and port, without the password */
  readonly address: string;
  readonly how: 'named by the environment' | 'alive in the state home' | 'started for this check, stopped again';
}

export interface Diagnosis {
  readonly node: { readonly version: string; readonly supported: boolean };
  readonly stateHome: string;
  readonly backend: BackendDescription | null;
  /** faster backends that were passed over, and why */
  readonly refusedBackends: readonly RefusedBackend[];
  readonly postgres: Service | null;
  readonly redis: Service | null;
  /** what does not work; empty when all is well */
  readonly problems: readonly string[];
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function howFound(named: string | undefined, started: boolean): Service['how'] {
  if (named !== undefined) return 'named by the environment';
  return started ? 'started for this check, stopped again' : 'alive in the state home';
}

export async function diagnose(config: Config): Promise<Diagnosis> {
  const problems: string[] = [];
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const supported = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  if (!supported) problems.push(`Node.js ${process.versions.node} is older than ${OLDEST_NODE.join('.')}`);

  const native = nativeKernels({ root: cloneRoot, env: config });
  let backend: BackendDescription | null = null;
  try {
    backend = await openBackend({ device: 'auto', native });
  } catch (error) {
    problems.push(`no backend: ${messageOf(error)}`);
  }

  const home = stateHome({ root: cloneRoot, env: config });
  let postgres: Service | null = null;
  let redis: Service | null = null;
  const logger = createLogger({ name: 'doctor', level: 'warn', destination: 'stderr' });
  try {
    const services = await startServices({ home, logger, env: config });
    const { started } = services;
    const address = (url: string) => new URL(url).host;
    postgres = { address: address(services.databaseUrl), how: howFound(config.DATABASE_URL, started.postgres) };
    redis = { address: address(services.redisUrl), how: howFound(config.REDIS_URL, started.redis) };
    await services.stop();
  } catch (error) {
    problems.push(`Postgres or Redis: ${messageOf(error)}`);
  }
  return {
    node: { version: process.versions.node, supported },
    stateHome: home,
    backend,
    refusedBackends: [...(native === undefined ? [NATIVE_NOT_ASKED] : []), ...refusedBackends()],
    postgres,
    redis,
    problems,
  };
}

/** The diagnosis as lines for a person. */
export function describeDiagnosis(diagnosis: Diagnosis): string {
  const { node, backend, postgres, redis, problems } = diagnosis;
  const service = (one: Service | null) => (one === null ? 'none' : `${one.address} (${one.how})`);
  const lines = [
    `Node.js     ${node.version}`,
    `state home  ${diagnosis.stateHome}`,
    `backend     ${backend === null ? 'none' : `${backend.name}, ${backend.threads} thread(s), ${backend.device}`}`,
    ...diagnosis.refusedBackends.map(({ package: name, reason }) => `            passed over ${name}: ${reason}`),
    `Postgres    ${service(postgres)}`,
    `Redis       ${service(redis)}`,
    ...(problems.length === 0 ? ['All is well.'] : problems.map((problem) => `PROBLEM: ${problem}`)),
  ];
  return lines.join('\n');
}
