// The reseed command: what it prints, where, and with which exit code; against a real `up` whose workers do not train.
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownDatabase, ownRedis } from './services/own-services.ts';
import { type Finished, reseed, reseedUp, type Up } from './services/reseed-command.ts';
import { reportingTrainer, workerProcesses } from './services/worker-processes.ts';

const database = await ownDatabase();
const redisUrl = await ownRedis();
const workers = workerProcesses({ databaseUrl: database.url, redisUrl });
const folder = mkdtempSync(join(tmpdir(), 'reseed-command-test-'));
chmodSync(folder, 0o711);
/** The services of this file's own instead of private ones; the API is found by the state home. */
const env = { RESEED_HOME: join(folder, 'home'), DATABASE_URL: database.url, REDIS_URL: redisUrl };
/** What `up` of a second terminal says when it starts at the same time. */
let second: Promise<Error>;
let up: Up;

beforeAll(async () => {
  const both = [reseedUp(['--workers', '0'], env), reseedUp(['--workers', '0'], env)];
  up = await Promise.any(both);
  second = Promise.all(both).then(
    () => expect.fail('two stacks run in one home'),
    (error: unknown) => error as Error,
  );
});
afterAll(async () => {
  up.kill('SIGTERM');
  const { code } = await up.ended;
  rmSync(folder, { recursive: true, force: true });
  expect(code).toBe(0);
});

const grid = (change: Record<string, unknown> = {}) => ({
  name: 'small',
  base: { epochs: 2, dataset: { trainSize: 100, validationSize: 20, testSize: 20 }, augmentation: 'pad_crop' },
  axes: { seedingMode: ['modern', 'inherited'] },
  seeds: [1, 10_000],
  compare: { factor: 'seedingMode', baseline: 'modern', metric: 'robustAccuracyFinal', margin: 0.01 },
  ...change,
});
function fileOf(name: string, content: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}
const run = (args: readonly string[], input?: string) =>
  reseed(args, { env, ...(input === undefined ? {} : { input }) });
/** Standard output is one JSON document and nothing else. */
const documentOf = ({ code, stdout, stderr }: Finished, expectedCode = 0) => {
  expect({ code, stderr: code === expectedCode ? '' : stderr }).toEqual({ code: expectedCode, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown>;
};
const submitted = async (change: Record<string, unknown> = {}) =>
  String(documentOf(await run(['submit', '-', '--json'], JSON.stringify(grid(change))))['id']);
const experiments = () => database.client.experiment.count();
/** Fails with exit code 1 and nothing on standard output; @returns what it said. */
const refused = async (args: readonly string[], input?: string): Promise<string> => {
  const { code, stdout, stderr } = await run(args, input);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  return stderr;
};
const idle = () => workers.start({ milliseconds: 5 });

describe('reseed up', () => {
  it('runs once in a home: of two that start together, the second one says who was faster', async () => {
    expect((await second).message).toContain(`Process ${up.pid} already runs this clone's stack at ${up.url}.`);
    expect(await refused(['up'])).toContain(up.url);
    expect((await fetch(`${up.url}/healthz`)).status).toBe(200);
  });
});

describe('reseed submit', () => {
  it('posts a file and says what it has become', async () => {
    const { code, stdout } = await run(['submit', fileOf('grid.json', grid())]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^experiment [0-9a-f-]{36}: 2 conditions, 4 runs\n$/);
  });

  it('posts standard input once per key, as one JSON document', async () => {
    const args = ['submit', '-', '--json', '--key', 'monday'];
    const first = documentOf(await run(args, JSON.stringify(grid())));
    expect(first).toMatchObject({ conditions: 2, runs: 4, reused: 0, warnings: [] });
    expect(documentOf(await run(args, JSON.stringify(grid(), undefined, 4)))).toEqual(first);
    expect(await refused(args, JSON.stringify(grid({ name: 'other' })))).toContain('Idempotency-Key');
  });

  it('only says what a template would do with --dry-run', async () => {
    const before = await experiments();
    const answer = documentOf(await run(['submit', 'template:reassess-tiny', '--dry-run', '--json']));
    expect(answer).toMatchObject({ conditions: 4, runs: 12, invalid: [] });
    const { stdout } = await run(['submit', 'template:reassess-tiny', '--dry-run']);
    expect(JSON.parse(stdout)).toMatchObject({ conditions: 4 });
    expect(await experiments()).toBe(before);
  });

  it('names the file that cannot be read, and the place where it is not JSON', async () => {
    const missing = join(folder, 'missing.json');
    const broken = fileOf('broken.json', '{ "name": "small", }');
    const said = await Promise.all([
      refused(['submit', missing]),
      refused(['submit', folder]),
      refused(['submit', broken]),
      refused(['submit', '-'], ''),
    ]);
    expect(said).toEqual([
      `${missing}: cannot be read (ENOENT)\n`,
      `${folder}: cannot be read (EISDIR)\n`,
      expect.stringContaining(`${broken}: is not JSON: `),
      expect.stringContaining('standard input: is not JSON: '),
    ]);
  });

  it('suggests the nearest template', async () => {
    expect(await refused(['submit', 'template:reasses-tiny'])).toContain('did you mean "reassess-tiny"?');
  });

  it('lists every problem of a malformed grid, one a line', async () => {
    const base = { epohcs: 2, batchSize: 0 };
    const said = await refused(['submit', fileOf('bad.json', grid({ base, seeds: [1, 1] }))]);
    const [head, ...problems] = said.trimEnd().split('\n');
    expect(head).toContain('3 problems');
    expect(problems).toEqual([
      expect.stringMatching(/^ {2}base\.epohcs: .*did you mean "epochs"\?$/),
      expect.stringMatching(/^ {2}base\.batchSize: .*at least 1, got 0$/),
      expect.stringMatching(/^ {2}seeds: each seed may stand once, got 1 twice$/),
    ]);
  });

  it('names the conditions that cannot run, and why', async () => {
    const axes = { seedingMode: ['modern', 'single_process'], 'loader.workers': [2] };
    const said = await refused(['submit', fileOf('conflict.json', grid({ axes }))]);
    expect(said).toMatch(/1 of 2 conditions cannot run/);
    expect(said).toMatch(/condition 1 \(.*single_process.*\): loader\.workers: must be 0/);
  });

  it('says what to do when no API answers', async () => {
    const address = 'http://127.0.0.1:1';
    const finished = await reseed(['submit', 'template:reassess-tiny'], { env: { ...env, RESEED_URL: address } });
    expect(finished).toMatchObject({ code: 1, stdout: '' });
    expect(finished.stderr).toContain(`no answer from ${address}`);
    expect(finished.stderr).toContain('npx reseed up');
  });
});

describe('reseed watch, compare and submit --watch', () => {
  it('follow an experiment to its comparison', async () => {
    await idle();
    const id = await submitted();
    const watched = await run(['watch', id]);
    expect(watched.code).toBe(0);
    expect(watched.stderr).toContain('4/4 runs done');
    expect(watched.stdout).toContain('inherited − modern');
    const file = fileOf('watched.json', grid({ name: 'watched' }));
    const [compared, rows, end, submittedToo] = await Promise.all([
      run(['compare', id]),
      run(['compare', id, '--json']),
      run(['watch', id, '--json']),
      run(['submit', file, '--watch', '--json']),
    ]);
    expect([compared.code, compared.stdout]).toEqual([0, watched.stdout]);
    expect(documentOf(rows)).toMatchObject({ rows: [{ level: 'inherited', n: 2, identical: true }] });
    expect(documentOf(end)).toMatchObject({
      experiment: { id, state: 'finished' },
      comparison: { rows: [{ n: 2 }] },
    });
    expect(documentOf(submittedToo)).toMatchObject({ experiment: { name: 'watched', counts: { succeeded: 4 } } });
  });

  it('end with exit code 1 when a run failed', async () => {
    const failure = { kind: 'diverged', message: 'no number' };
    await workers.start({ trainer: { module: reportingTrainer, argument: JSON.stringify({ failure }) } });
    const watched = await run(['watch', await submitted(), '--json']);
    expect(documentOf(watched, 1)).toMatchObject({ experiment: { counts: { failed: 4, succeeded: 0 } } });
  });

  it('name an experiment that does not exist, and an id that is none', async () => {
    expect(await refused(['compare', '01a20bb6-0000-7000-8000-000000000000'])).toContain('There is no experiment');
    expect(await refused(['watch', '../workers'])).toContain('id');
  });
});

describe('reseed demo', () => {
  it('uses the stack that is up, shows the study, and the second time finds it finished', async () => {
    await idle();
    const demo = async () => {
      const { code, stdout, stderr } = await run(['demo']);
      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain(`Using the stack that process ${up.pid} runs at ${up.url}.`);
      expect(stdout).toContain('12 of 12 runs succeeded');
      expect(stdout).toContain('fixed_per_sample − modern');
      return /v1\/experiments\/([0-9a-f-]{36})\b/.exec(stdout)?.[1];
    };
    const id = await demo();
    const before = await experiments();
    expect(await demo()).toBe(id);
    expect(await experiments()).toBe(before);
    expect(await refused(['demo', '--fresh'])).toContain(`Process ${up.pid} is using this clone`);
  });
});

describe('reseed train', () => {
  const spec = {
    dataset: { name: 'mnist', trainSize: 60, validationSize: 20, testSize: 20 },
    epochs: 2,
    batchSize: 20,
    attack: { steps: 1 },
    evaluation: { steps: 2 },
    augmentation: { name: 'pad_crop', pad: 1 },
    seed: 7,
  };

  it('writes the result of one run, the same for nested and dotted names', async () => {
    const out = join(folder, 'made', 'here');
    const printed = documentOf(await run(['train', '--spec', fileOf('spec.json', spec), '--out', out, '--json']));
    const written = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')) as Record<string, unknown>;
    expect(written).toEqual(printed);
    expect(written).toMatchObject({
      weightHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      cleanAccuracy: expect.any(Number),
      robustAccuracyBest: expect.any(Number),
      robustAccuracyFinal: expect.any(Number),
      epochs: [{ epoch: 0 }, { epoch: 1 }],
      backend: expect.any(String),
      versions: { node: process.version },
      audit: { seedingMode: 'modern' },
      seed: 7,
    });
    expect(existsSync(join(out, 'weights-wa.safetensors'))).toBe(false);
    const { attack: _, evaluation: __, ...rest } = spec;
    const dotted = JSON.stringify({ ...rest, 'attack.steps': 1, 'evaluation.steps': 2 });
    const again = documentOf(await run(['train', '--spec', '-', '--out', out, '--json'], dotted));
    expect([again['weightHash'], again['runKey']]).toEqual([written['weightHash'], written['runKey']]);
  });

  it('writes the weights as safetensors that hold the bytes the hashes are made of, averaged ones apart', async () => {
    const out = join(folder, 'averaged');
    const averaged = fileOf('averaged.json', { ...spec, averaging: { decay: 0.9 } });
    const result = documentOf(await run(['train', '--spec', averaged, '--out', out, '--json']));
    const hashes = ['weights', 'weights-wa'].map((name) => {
      const bytes = readFileSync(join(out, `${name}.safetensors`));
      const header = Number(bytes.readBigUInt64LE(0));
      const tensors = JSON.parse(bytes.toString('utf8', 8, 8 + header)) as Record<string, { dtype: string }>;
      expect(Object.keys(tensors)).toEqual(expect.arrayContaining(['conv1.weight', 'conv1.bias', 'fc2.bias']));
      // Without batch norm the file's data are the tensors in state_dict order and nothing else.
      return createHash('sha256')
        .update(bytes.subarray(8 + header))
        .digest('hex');
    });
    expect(hashes).toEqual([result['weightHash'], result['weightHashWa']]);
    expect(hashes[0]).not.toBe(hashes[1]);
    expect(result['robustAccuracyFinalWa']).toEqual(expect.any(Number));
  });

  it('refuses a folder for checkpoints that it cannot make, before it trains, and an odd number of them to keep', async () => {
    const taken = fileOf('taken', {});
    const command = ['train', '--spec', fileOf('spec.json', spec), '--out', join(folder, 'kept')];
    const said = await refused([...command, '--checkpoints', join(taken, 'inside')]);
    expect(said).toContain(join(taken, 'inside'));
    expect(said).not.toContain('epoch 1/2');
    expect(await refused([...command, '--checkpoints', folder, '--keep-last', '0'])).toContain('from 1 to 1000');
    expect(await refused(['worker', '--checkpoint-every', '1.5'])).toContain('whole number from 0');
  });

  it('lists every problem of a spec by the names that stand in it', async () => {
    const bad = { ...spec, epohcs: 2, batchSize: 0, seed: -1 };
    const said = await refused(['train', '--spec', '-', '--out', join(folder, 'unmade')], JSON.stringify(bad));
    expect(said).toMatch(/^ {2}epohcs: .*"epochs"/m);
    expect(said).toMatch(/^ {2}batchSize: /m);
    expect(said).toMatch(/^ {2}seed: .*-1$/m);
    const { seed: _, ...seedless } = spec;
    expect(await refused(['train', '--spec', '-', '--out', folder], JSON.stringify(seedless))).toContain('seed: ');
    const conflict = JSON.stringify({
      ...spec,
      'dataset.testSize': undefined,
      'loader.workers': 1,
      seedingMode: 'single_process',
    });
    expect(await refused(['train', '--spec', '-', '--out', folder], conflict)).toContain('loader.workers: must be 0');
  });
});

describe('the rest of the command', () => {
  it('diagnoses the machine, as one JSON document', async () => {
    const diagnosis = documentOf(await run(['doctor', '--json']));
    expect(diagnosis).toMatchObject({
      node: { version: process.versions.node, supported: true },
      backend: { name: expect.any(String) },
      postgres: { address: new URL(database.url).host, how: 'named by the environment' },
      redis: { address: new URL(redisUrl).host, how: 'named by the environment' },
      problems: [],
    });
    // Passwords stay where they are.
    expect(JSON.stringify(diagnosis)).not.toContain(new URL(database.url).password);
  });

  it('refuses flags and commands that it does not know, and suggests the nearest', async () => {
    const said = await Promise.all([
      refused(['submit', '-', '--jsn']),
      refused(['sumbit', '-']),
      refused(['up', '--workers', 'two']),
      refused(['worker', '--device', 'tpu']),
    ]);
    expect(said).toEqual([
      expect.stringContaining('--json'),
      expect.stringContaining('submit'),
      expect.stringContaining('whole number from 0 to 256'),
      expect.stringContaining('Allowed choices are auto, cpu, gpu'),
    ]);
  });

  it.each(['api', 'worker'])('starts %s alone only with the services named', async (name) => {
    const { code, stdout, stderr } = await reseed([name], { env: { RESEED_HOME: env.RESEED_HOME } });
    expect(code).toBe(1);
    expect(`${stdout}${stderr}`).toMatch(/DATABASE_URL and REDIS_URL/);
  });
});
