// The typed environment: every variable that Reseed reads, its default and its limits, parsed once per process.
import { z } from 'zod';
import { backendNames } from './backend-settings.ts';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const addressOf = (...schemes: string[]) =>
  z.string().refine((value) => schemes.includes(schemeOf(value)), {
    error: `must be an address that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  });

const folderLimit = 'must be a folder';

const schema = z.object({
  DATABASE_URL: addressOf('postgresql', 'postgres').optional(),
  REDIS_URL: addressOf('redis', 'rediss').optional(),
  RESEED_URL: addressOf('http', 'https').optional(),
  RESEED_API_KEY: z.string().regex(/^\S+$/, 'must have no white space').optional(),
  RESEED_HOST: z
    .string()
    .regex(/^[\w.:-]+$/, 'must be a host name or an IP address')
    .default('127.0.0.1'),
  RESEED_PORT: z
    .string()
    .refine((value) => /^\d{1,5}$/.test(value) && Number(value) <= 65_535, {
      error: 'must be a whole number from 0 (any free port) to 65535',
    })
    .transform(Number)
    .default(7300),
  RESEED_HOME: z
    .string()
    .refine((value) => schemeOf(value) === '', { error: folderLimit })
    .optional(),
  RESEED_ARTIFACTS: z
    .string()
    .refine((value) => ['', 's3'].includes(schemeOf(value)), {
      error: `${folderLimit} or an address s3://bucket/prefix`,
    })
    .optional(),
  RESEED_RUN_LIMIT: z
    .string()
    .refine((value) => /^\d{1,6}$/.test(value) && Number(value) >= 1, {
      error: 'must be a whole number from 1 to 999999',
    })
    .transform(Number)
    .optional(),
  RESEED_BACKEND: z.enum(backendNames, { error: `must be one of ${backendNames.join(', ')}` }).default('auto'),
  RESEED_ONEDNN: z
    .string()
    .refine((value) => schemeOf(value) === '', { error: folderLimit })
    .optional(),
  RESEED_TENSORFLOW: z
    .string()
    .refine((value) => schemeOf(value) === '', { error: folderLimit })
    .optional(),
  LOG_LEVEL: z.enum(logLevels, { error: `must be one of ${logLevels.join(', ')}` }).default('info'),
});

/** The environment after parsing; the keys are the variables' own names. RESEED_URL defaults to the API on this machine. */
export type Config = Readonly<z.output<typeof schema> & { RESEED_URL: string }>;

export interface ConfigProblem {
  readonly variable: string;
  /** As found; passwords in addresses and API keys are hidden. */
  readonly value: string;
  readonly limit: string;
}

/** One or more environment variables have values outside their limits. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(({ variable, value, limit }) => `${variable} is "${value}" and ${limit}.`).join('\n'));
    this.problems = problems;
  }
}

let ofThisProcess: Config | undefined;

/**
 * Parses the environment. Without an argument it reads the process's own, once. An empty variable counts as unset.
 *
 * @throws ConfigError that names every bad variable, its value and its limit
 */
export function readConfig(env?: NodeJS.ProcessEnv): Config {
  if (env !== undefined) return parse(env);
  ofThisProcess ??= parse(process.env);
  return ofThisProcess;
}

function parse(env: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(
    Object.keys(schema.shape).flatMap((name) => {
      const value = env[name];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
  const result = schema.safeParse(given);
  if (!result.success) {
    throw new ConfigError(
      result.error.issues.map(({ path, message }) => {
        const variable = String(path[0]);
        return { variable, value: withoutSecrets(variable, given[variable] ?? ''), limit: message };
      }),
    );
  }
  const config = result.data;
  return Object.freeze({
    ...config,
    RESEED_URL: config.RESEED_URL ?? localAddress(config.RESEED_HOST, config.RESEED_PORT),
  });
}

/** The scheme of an address such as `redis://…`, '' for anything else. A Windows drive letter is no scheme. */
function schemeOf(value: string): string {
  return /^([a-z][a-z0-9+.-]*):\/\//i.exec(value)?.[1]?.toLowerCase() ?? '';
}

/** Passwords stand between the user and the last @, or in the query; a scheme may have been forgotten. */
function withoutSecrets(variable: string, value: string): string {
  if (variable === 'RESEED_API_KEY') return '(hidden)';
  return value
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)?([^:@/]*):(?!\/\/).*@/is, '$1$2:***@')
    .replace(/([?&][^=&]*password=)[^&]*/gi, '$1***');
}

/** Where a client on this machine reaches a server that listens on `host`: "every address" is reached over loopback. */
function localAddress(host: string, port: number): string {
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`;
}
