// Every variable with good, bad and empty values; what an error says and what it hides.
import { afterEach, describe, expect, it } from 'vitest';
import { type Config, ConfigError, type ConfigProblem, readConfig } from './read-config.ts';

interface VariableCase {
  readonly good: readonly string[];
  readonly bad: readonly string[];
  readonly limit: string;
  /** what an unset or empty variable gives */
  readonly unset: unknown;
}

const postgres = 'must be an address that starts with postgresql:// or postgres://';
const redis = 'must be an address that starts with redis:// or rediss://';
const http = 'must be an address that starts with http:// or https://';

const CASES: Readonly<Record<keyof Config, VariableCase>> = {
  DATABASE_URL: {
    good: ['postgresql://u:p@localhost:5432/reseed', 'postgres://h/db?sslmode=require', 'POSTGRES://h/db'],
    bad: ['mysql://h/db', 'localhost:5432', 'postgresql:/h', ' postgresql://h'],
    limit: postgres,
    unset: undefined,
  },
  REDIS_URL: {
    good: ['redis://127.0.0.1:6379', 'rediss://:p@h:6380/1'],
    bad: ['redis:6379', 'http://h', '127.0.0.1:6379'],
    limit: redis,
    unset: undefined,
  },
  RESEED_URL: {
    good: ['http://127.0.0.1:7300', 'https://reseed.example/api'],
    bad: ['localhost:7300', 'ftp://h', '//h'],
    limit: http,
    unset: 'http://127.0.0.1:7300',
  },
  RESEED_API_KEY: {
    good: ['rk_0123', 'a-b_c.d'],
    bad: ['two words', 'key\n', ' key', '\t'],
    limit: 'must have no white space',
    unset: undefined,
  },
  RESEED_HOST: {
    good: ['127.0.0.1', '0.0.0.0', '::', '::1', 'api.internal', 'host_1'],
    bad: ['http://h', 'a b', 'h/path', '[::1]', 'h,g'],
    limit: 'must be a host name or an IP address',
    unset: '127.0.0.1',
  },
  RESEED_PORT: {
    good: ['0', '1', '7300', '65535', '00080'],
    bad: ['65536', '-1', '80.5', '0x50', 'http', ' 80', '1e3', '100000', '007300'],
    limit: 'must be a whole number from 0 (any free port) to 65535',
    unset: 7300,
  },
  RESEED_HOME: {
    good: ['/var/lib/reseed', 'relative/home', '.', String.raw`C:\reseed`],
    bad: ['s3://bucket/home', 'file:///home'],
    limit: 'must be a folder',
    unset: undefined,
  },
  RESEED_BACKEND: {
    good: ['native', 'auto', 'portable', 'tensorflow'],
    bad: ['Native', 'wasm', ' native'],
    limit: 'must be one of auto, native, tensorflow, portable',
    unset: 'auto',
  },
  RESEED_ONEDNN: {
    good: ['/opt/onednn', 'relative/folder'],
    bad: ['https://host/onednn'],
    limit: 'must be a folder',
    unset: undefined,
  },
  RESEED_TENSORFLOW: {
    good: ['/opt/reseed/tensorflow', 'relative/folder'],
    bad: ['s3://bucket/tensorflow'],
    limit: 'must be a folder',
    unset: undefined,
  },
  RESEED_RUN_LIMIT: {
    good: ['1', '20000', '999999'],
    bad: ['0', '-1', '1000000', '1e4', '20 000', 'none', '0.5'],
    limit: 'must be a whole number from 1 to 999999',
    unset: undefined,
  },
  RESEED_ARTIFACTS: {
    good: ['/data/artifacts', 'artifacts', 's3://bucket/prefix', 'S3://bucket'],
    bad: ['gs://bucket', 'https://h/a', 'file:///a'],
    limit: 'must be a folder or an address s3://bucket/prefix',
    unset: undefined,
  },
  LOG_LEVEL: {
    good: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    bad: ['verbose', 'INFO', '30', 'warning'],
    limit: 'must be one of trace, debug, info, warn, error, fatal, silent',
    unset: 'info',
  },
};
const VARIABLES = Object.keys(CASES) as (keyof Config)[];

/** The problems of an environment; fails where it is accepted. */
function problemsOf(env: Readonly<Record<string, string>>): readonly ConfigProblem[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error(`accepted ${JSON.stringify(env)}`);
}

describe.each(VARIABLES)('%s', (variable) => {
  const { good, bad, limit, unset } = CASES[variable];

  it.each(good)('may be %j', (value) => {
    const expected = ['RESEED_PORT', 'RESEED_RUN_LIMIT'].includes(variable) ? Number(value) : value;
    expect(readConfig({ [variable]: value })[variable]).toBe(expected);
  });

  it.each(bad)('may not be %j: the error names variable, value and limit', (value) => {
    const shown = variable === 'RESEED_API_KEY' ? '(hidden)' : value;
    expect(problemsOf({ [variable]: value })).toEqual([{ variable, value: shown, limit }]);
    expect(() => readConfig({ [variable]: value })).toThrow(`${variable} is "${shown}" and ${limit}.`);
  });

  it('counts as unset when it is empty', () => {
    expect(readConfig({ [variable]: '' })[variable]).toBe(unset);
    expect(readConfig({})[variable]).toBe(unset);
  });
});

describe('the environment', () => {
  it('gives the defaults, and nothing else, when nothing is set', () => {
    expect(readConfig({ PATH: '/bin', RESEED_OTHER: 'x' })).toEqual({
      RESEED_HOST: '127.0.0.1',
      RESEED_PORT: 7300,
      RESEED_URL: 'http://127.0.0.1:7300',
      RESEED_BACKEND: 'auto',
      LOG_LEVEL: 'info',
    });
  });

  it('reports every bad variable at once', () => {
    const env = Object.fromEntries(VARIABLES.map((variable) => [variable, CASES[variable].bad[0]]));
    expect(
      problemsOf(env)
        .map(({ variable }) => variable)
        .toSorted(),
    ).toEqual(VARIABLES.toSorted());
    expect(new ConfigError(problemsOf(env)).message.split('\n')).toHaveLength(VARIABLES.length);
  });

  it('cannot be changed afterwards', () => {
    const config = readConfig({}) as { RESEED_PORT: number };
    expect(() => {
      config.RESEED_PORT = 1;
    }).toThrow(TypeError);
  });
});

describe('RESEED_URL', () => {
  it.each([
    ['0.0.0.0', '80', 'http://127.0.0.1:80'],
    ['::', '7300', 'http://[::1]:7300'],
    ['::1', '7300', 'http://[::1]:7300'],
    ['fe80::2', '0', 'http://[fe80::2]:0'],
    ['10.0.0.5', '7300', 'http://10.0.0.5:7300'],
    ['api.internal', '7301', 'http://api.internal:7301'],
  ])('of host %s and port %s is %s', (RESEED_HOST, RESEED_PORT, url) => {
    expect(readConfig({ RESEED_HOST, RESEED_PORT }).RESEED_URL).toBe(url);
    expect(new URL(url).href).toMatch(/^http:/);
  });

  it('that is given is kept, whatever host and port', () => {
    const env = { RESEED_URL: 'https://reseed.example', RESEED_HOST: '0.0.0.0', RESEED_PORT: '1' };
    expect(readConfig(env).RESEED_URL).toBe('https://reseed.example');
  });
});

describe('secrets', () => {
  it.each([
    ['DATABASE_URL', 'mysql://user:SECRET@host/db', 'mysql://user:***@host/db'],
    ['DATABASE_URL', 'mysql://user:SEC@RET@host/db', 'mysql://user:***@host/db'],
    ['DATABASE_URL', 'mysql://user:SEC:RE/T@host:1/db', 'mysql://user:***@host:1/db'],
    ['DATABASE_URL', 'user:SECRET@host/db', 'user:***@host/db'],
    ['DATABASE_URL', 'mysql://user:SEC\nRET@host/db', 'mysql://user:***@host/db'],
    ['DATABASE_URL', 'mysql://user@host/db?x=1&password=SECRET&y=2', 'mysql://user@host/db?x=1&password=***&y=2'],
    ['DATABASE_URL', 'mysql://user@host/db?sslpassword=SECRET', 'mysql://user@host/db?sslpassword=***'],
    ['REDIS_URL', 'http://:SECRET@host', 'http://:***@host'],
    ['RESEED_HOST', 'http://user:SECRET@host', 'http://user:***@host'],
    ['RESEED_ARTIFACTS', 'gs://key:SECRET@bucket', 'gs://key:***@bucket'],
    ['RESEED_API_KEY', 'SECRET SECRET', '(hidden)'],
  ])('of %s are not repeated: %j', (variable, value, shown) => {
    expect(problemsOf({ [variable]: value })).toMatchObject([{ variable, value: shown }]);
    expect(JSON.stringify(problemsOf({ [variable]: value }))).not.toMatch(/SEC|RE\/T|RET/);
  });

  it.each(['mysql://host:3306/db', 'host:3306', 'mysql://user@host/db'])('are not seen where none are: %s', (value) => {
    expect(problemsOf({ DATABASE_URL: value })[0].value).toBe(value);
  });
});

describe("the process's own environment", () => {
  const before = process.env['RESEED_PORT'];
  afterEach(() => {
    if (before === undefined) delete process.env['RESEED_PORT'];
    else process.env['RESEED_PORT'] = before;
  });

  it('is read once; a bad one is not remembered', () => {
    process.env['RESEED_PORT'] = 'http';
    expect(() => readConfig()).toThrow('RESEED_PORT is "http"');
    process.env['RESEED_PORT'] = '7411';
    const config = readConfig();
    expect(config.RESEED_PORT).toBe(7411);
    process.env['RESEED_PORT'] = '7412';
    expect(readConfig()).toBe(config);
    expect(readConfig(process.env).RESEED_PORT).toBe(7412);
  });
});
