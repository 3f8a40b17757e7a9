// `reseed doctor`: what this machine has and what it lacks: Node, backends that compute, GPUs, memory, Postgres and Redis.
import { freemem, totalmem } from 'node:os';
import { backendSettings, type Config, createLogger, stateHome } from '@reseed/config';
import { startServices } from '@reseed/embedded-services';
import type { BackendDescription } from '@reseed/experiment';
import type { RefusedBackend } from '@reseed/training';
import { cloneRoot } from './clone-root.ts';
import { type BackendDiagnosis, diagnoseBackends, diagnoseGpus, type GpuDiagnosis } from './diagnose-backends.ts';

/** As `engines` of package.json says. */
const OLDEST_NODE = [20, 19] as const;

interface Service {
  /** host and port, without the password */
  readonly address: string;
  readonly how: 'named by the environment' | 'alive in the state home' | 'started for this check, stopped again';
}

export interface Diagnosis {
  readonly node: { readonly version: string; readonly supported: boolean };
  readonly stateHome: string;
  /** of the machine, in bytes */
  readonly memory: { readonly total: number; readonly free: number };
  readonly gpus: GpuDiagnosis;
  /** every backend there is, each opened in a process of its own */
  readonly backends: readonly BackendDiagnosis[];
  /** where built TensorFlow bindings are looked for */
  readonly tensorflowBindings: string;
  /** the one that commands use when no device is asked for */
  readonly backend: BackendDescription | null;
  /** those that were passed over for it, and why */
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

  const { chosen, refused, backends } = await diagnoseBackends();
  if (typeof chosen === 'string') problems.push(`no backend: ${chosen}`);

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
    memory: { total: totalmem(), free: freemem() },
    gpus: await diagnoseGpus(),
    backends,
    tensorflowBindings: backendSettings({ root: cloneRoot, env: config }).tensorflowBindings,
    backend: typeof chosen === 'string' ? null : chosen,
    refusedBackends: refused,
    postgres,
    redis,
    problems,
  };
}

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

function describeBackend({ package: name, chosen, description, reason, remedy }: BackendDiagnosis): string[] {
  const head = `  ${chosen ? '→' : ' '} ${name.padEnd(30)}`;
  if (description === null) return [`${head} no: ${reason}`, `${' '.repeat(35)} ${remedy}`];
  const { name: backend, deviceClass, device, threads, versions } = description;
  const listed = Object.entries(versions).map(([library, version]) => `${library} ${version}`);
  const line = `${backend} on ${deviceClass.toUpperCase()} ${device}, ${threads} thread${threads === 1 ? '' : 's'}`;
  return [`${head} ${line}`, `${' '.repeat(35)} ${listed.join(', ')}`];
}

function describeGpus({ visible, reason }: GpuDiagnosis): string[] {
  if (reason !== null) return [`GPUs        none: ${reason}`];
  return visible.map(({ index, id, model, memoryBytes }) => {
    const memory = memoryBytes === null ? 'memory unknown' : gibibytes(memoryBytes);
    return `GPU ${index ?? ''}       ${model}, ${memory}, ${id}`;
  });
}

/** The diagnosis as lines for a person. */
export function describeDiagnosis(diagnosis: Diagnosis): string {
  const { node, memory, postgres, redis, problems } = diagnosis;
  const service = (one: Service | null) => (one === null ? 'none' : `${one.address} (${one.how})`);
  const lines = [
    `Node.js     ${node.version}`,
    `memory      ${gibibytes(memory.total)}, ${gibibytes(memory.free)} of it free`,
    ...describeGpus(diagnosis.gpus),
    `state home  ${diagnosis.stateHome}`,
    `bindings    ${diagnosis.tensorflowBindings}`,
    'backends    (→ is what computes when no device is asked for)',
    ...diagnosis.backends.flatMap(describeBackend),
    `Postgres    ${service(postgres)}`,
    `Redis       ${service(redis)}`,
    ...(problems.length === 0 ? ['All is well.'] : problems.map((problem) => `PROBLEM: ${problem}`)),
  ];
  return lines.join('\n');
}
