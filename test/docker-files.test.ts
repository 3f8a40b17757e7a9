// The images cannot be built by a test: their files are held to the repository, the environment and the command line instead.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readConfig } from '@reseed/config';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { reseed } from './services/reseed-command.ts';

const root = join(import.meta.dirname, '..');
const docker = join(root, 'docker');
const read = (name: string) => readFileSync(join(docker, name), 'utf8');

/** Instructions with their continuation lines, without comments. */
const instructions = read('Dockerfile')
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => ({ keyword: line.split(/\s+/, 1)[0], rest: line.replace(/^\S+\s+/, '').trim() }));
const of = (keyword: string) => instructions.filter((one) => one.keyword === keyword).map(({ rest }) => rest);

/** name → lines up to the next FROM */
const stages = new Map<string, string[]>();
for (const { keyword, rest } of instructions) {
  if (keyword === 'FROM') stages.set(/ AS (\S+)$/.exec(rest)?.[1] as string, [rest]);
  else [...stages.values()].at(-1)?.push(`${keyword} ${rest}`);
}

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string; readonly target: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly deploy?: { readonly resources?: { readonly reservations: { readonly devices: readonly object[] } } };
  readonly profiles?: readonly string[];
}
const compose = parse(read('compose.yaml'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
};
const services = Object.entries(compose.services);
const own = services.filter(([, { build }]) => build !== undefined);

/** Whether `name` is one of the variables that packages/config reads: it then refuses a value that no variable takes. */
function isRead(name: string): boolean {
  const impossible = '\u0000 \u0001';
  try {
    return name in readConfig({ [name]: impossible });
  } catch (error) {
    return (error as Error).message.startsWith(name);
  }
}

describe('Dockerfile', () => {
  it('copies only what exists in the repository, or in a stage above', () => {
    const seen: string[] = [];
    for (const [name, lines] of stages) {
      for (const line of lines.filter((one) => one.startsWith('COPY '))) {
        const from = /--from=(\S+)/.exec(line)?.[1];
        const [source] = line.replace(/^COPY\s+(--\S+\s+)*/, '').split(/\s+/);
        if (from === undefined) expect(existsSync(join(root, source)), line).toBe(true);
        else expect(seen, line).toContain(from);
      }
      seen.push(name);
    }
    expect(seen).toEqual(expect.arrayContaining(['cpu', 'gpu']));
  });

  it('names variables of Reseed that are read', () => {
    const named = [...read('Dockerfile').matchAll(/\b(RESEED_\w+|LOG_LEVEL)=/g)].map(([, name]) => name);
    expect(named).toContain('RESEED_TENSORFLOW');
    for (const name of named) expect(isRead(name), name).toBe(true);
    expect(isRead('RESEED_NONSENSE')).toBe(false);
  });

  it('runs as an account that is not root, in commands that exist', async () => {
    const [entry] = of('ENTRYPOINT').map((text) => JSON.parse(text) as string[]);
    expect(entry[1].startsWith('/app/')).toBe(true);
    expect(existsSync(join(root, entry[1].slice('/app/'.length)))).toBe(true);
    const help = (await reseed(['worker', '--help'])).stdout;
    for (const target of ['cpu', 'gpu']) {
      const lines = stages.get(target) as string[];
      const [user, command] = ['USER ', 'CMD '].map((keyword) => lines.findLastIndex((one) => one.startsWith(keyword)));
      expect(lines[user]).toBe('USER node');
      expect(user).toBeGreaterThan(lines.findLastIndex((one) => /^(COPY|RUN)/.test(one)));
      const [name, flag, device] = JSON.parse(lines[command].slice('CMD '.length)) as string[];
      expect([name, flag]).toEqual(['worker', '--device']);
      expect(help).toContain(`"${device}"`);
    }
  });

  it('leaves state, installed packages, what is built and secrets out of its context', () => {
    const ignored = read('Dockerfile.dockerignore').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['.git', '.reseed', '**/node_modules', '**/dist', '**/.env']));
    // What `npm run build` needs is not among them.
    for (const name of [
      'package.json',
      'package-lock.json',
      'prisma',
      'infra',
      'apps',
      'packages',
      'docker/check-worker.mjs',
    ])
      expect(ignored).not.toContain(name);
  });
});

describe('compose.yaml', () => {
  it('builds targets that exist, and names volumes that it declares', () => {
    for (const [name, { build, volumes = [] }] of services) {
      if (build !== undefined) {
        expect(existsSync(join(docker, build.context, build.dockerfile)), name).toBe(true);
        expect([...stages.keys()]).toContain(build.target);
      }
      for (const volume of volumes) expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
    }
  });

  it('sets only variables that are read, and passwords only from outside', () => {
    for (const [service, { environment = {} }] of own) {
      for (const name of Object.keys(environment)) expect(isRead(name), `${service}: ${name}`).toBe(true);
      expect(environment['RESEED_API_KEY']).toMatch(/^\$\{RESEED_API_KEY:\?/);
      expect(environment['DATABASE_URL']).toContain('$' + '{POSTGRES_PASSWORD:?');
    }
    expect(compose.services['postgres'].environment?.['POSTGRES_PASSWORD']).toMatch(/^\$\{POSTGRES_PASSWORD:\?/);
  });

  it('checks every service, and starts each after those it needs are well', () => {
    for (const [name, { healthcheck, depends_on = {} }] of services) {
      expect(healthcheck?.test[0], name).toBe('CMD');
      for (const [needed, { condition }] of Object.entries(depends_on)) {
        expect(Object.keys(compose.services), name).toContain(needed);
        expect(condition).toBe('service_healthy');
      }
      const script = healthcheck?.test.find((part) => part.startsWith('/app/'));
      if (script !== undefined) expect(existsSync(join(root, script.slice('/app/'.length))), script).toBe(true);
    }
  });

  it('gives GPUs to the worker of GPUs alone, one process each, only when it is asked to', () => {
    const withGpus = services.filter(([, { deploy }]) => deploy?.resources !== undefined);
    expect(withGpus.map(([name]) => name)).toEqual(['worker-gpu']);
    const [[, worker]] = withGpus;
    const [device] = worker.deploy?.resources?.reservations.devices ?? [];
    expect(device).toEqual({ driver: 'nvidia', count: 'all', capabilities: ['gpu'] });
    expect(worker).toMatchObject({
      build: { target: 'gpu' },
      command: ['worker', '--device', 'all'],
      profiles: ['gpu'],
    });
  });
});

it('keep-libraries.sh leaves libraries, headers and descriptions of TensorFlow and CUDA, and nothing else', () => {
  const site = mkdtempSync(join(tmpdir(), 'reseed-site-'));
  const kept = [
    'nvidia/cudnn/lib/libcudnn.so.9',
    'nvidia_cudnn_cu12-9.3.0.75.dist-info/RECORD',
    'tensorflow-2.21.0.dist-info/RECORD',
    'tensorflow/include/tensorflow/c/c_api.h',
    'tensorflow/libtensorflow_cc.so.2',
    'tensorflow/libtensorflow_framework.so.2',
    'tensorflow/python/platform/build_info.py',
  ];
  const dropped = [
    'numpy/__init__.py',
    'numpy-2.0.dist-info/RECORD',
    'bin/saved_model_cli',
    'tensorflow/lite/python/lite.py',
    'tensorflow/python/ops/math_ops.py',
    'tensorflow/python/platform/test.py',
    'tensorflow/__init__.py',
  ];
  try {
    for (const name of [...kept, ...dropped]) {
      mkdirSync(dirname(join(site, name)), { recursive: true });
      writeFileSync(join(site, name), '');
    }
    execFileSync('sh', [join(docker, 'keep-libraries.sh'), site]);
    const left = readdirSync(site, { recursive: true, encoding: 'utf8' });
    expect(left.filter((name) => statSync(join(site, name)).isFile()).sort()).toEqual(kept);
  } finally {
    rmSync(site, { recursive: true, force: true });
  }
});
