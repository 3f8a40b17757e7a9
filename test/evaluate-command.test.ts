// `reseed evaluate` as a person runs it: on weights that `reseed train` wrote, and on files and flags that cannot be used.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Finished, reseed } from './services/reseed-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'reseed-evaluate-test-'));
const env = { RESEED_HOME: join(folder, 'home') };
const weights = join(folder, 'run/weights.safetensors');
const IMAGES = 60;
let trained: Record<string, unknown>;

beforeAll(async () => {
  const spec = {
    dataset: { name: 'mnist', trainSize: 600, validationSize: 20, testSize: IMAGES },
    epochs: 5,
    batchSize: 20,
    attack: { steps: 1 },
    evaluation: { steps: 2, epsilon: 0.05 },
    seed: 7,
  };
  const file = join(folder, 'spec.json');
  writeFileSync(file, JSON.stringify(spec));
  const { code, stdout, stderr } = await reseed(
    ['train', '--spec', file, '--out', join(folder, 'run'), '--json', '--device', 'cpu'],
    { env },
  );
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  trained = JSON.parse(stdout) as Record<string, unknown>;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (args: readonly string[]): Promise<Finished> => reseed(['evaluate', '--device', 'cpu', ...args], { env });
const common = ['--weights', weights, '--model', 'tiny-cnn', '--dataset', 'mnist', '--test-size', String(IMAGES)];

async function evaluated(args: readonly string[], expectedCode = 0): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await run([...common, '--json', ...args]);
  expect({ code, stderr: code === expectedCode ? '' : stderr }).toEqual({ code: expectedCode, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** The one sentence on standard error. */
async function refused(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(args);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  return stderr.trimEnd();
}

describe('reseed evaluate', () => {
  it('repeats the clean accuracy of the run, on the very weights of it, and attacks with PGD unless told otherwise', async () => {
    const report = await evaluated(['--epsilon', '0.05']);
    expect(report).toMatchObject({
      cleanAccuracy: trained['cleanAccuracy'],
      weightHash: trained['weightHash'],
      stages: [{ attack: 'pgd', robustAccuracy: report['robustAccuracy'], epsilon: 0.05 }],
      images: IMAGES,
      norm: 'linf',
      epsilon: 0.05,
      gates: [],
      warnings: [],
      backend: expect.any(String),
      versions: { node: process.version },
    });
    expect(report['robustAccuracy']).toBeLessThan(report['cleanAccuracy'] as number);
    expect(report['robustAccuracy']).toBeGreaterThan(0);
  });

  it('has a stage per attack of the protocol, each with what is left, the same whatever the batch size', async () => {
    const attack = '{ "name": "autoattack", "steps": 5, "targets": 2, "queries": 40 }';
    const [whole, parts] = await Promise.all(
      ['250', '7'].map((size) => evaluated(['--attack', attack, '--epsilon', '8/255', '--batch-size', size])),
    );
    const stages = whole['stages'] as { attack: string; robustAccuracy: number; protocol: string }[];
    expect(stages.map(({ attack: stage }) => stage)).toEqual(['apgd-ce', 'apgd-t', 'fab-t', 'square']);
    const falling = [whole['cleanAccuracy'] as number, ...stages.map(({ robustAccuracy }) => robustAccuracy)];
    expect(falling).toEqual([...falling].sort((a, b) => b - a));
    expect(whole['robustAccuracy']).toBe(stages[3].robustAccuracy);
    expect(whole['epsilon']).toBe(8 / 255);
    const untimed = (list: unknown) => (list as object[]).map((stage) => ({ ...stage, seconds: 0 }));
    expect(untimed(parts['stages'])).toEqual(untimed(stages));
    expect(parts['gates']).toEqual(whole['gates']);
  });

  it('takes several attacks, and images made on another model; robust is what survives them all', async () => {
    const other = join(folder, 'other.safetensors');
    copyFileSync(join(folder, 'run/weights-best.safetensors'), other);
    const attacks = ['--attack', 'fgsm', '--attack', '{"name":"pgd","loss":"cw","steps":5}', '--norm', 'l2'];
    const report = await evaluated([...attacks, '--epsilon', '0.7', '--transfer-from', other]);
    const stages = report['stages'] as { attack: string; robustAccuracy: number }[];
    expect(stages.map(({ attack }) => attack)).toEqual(['fgsm', 'pgd-5-cw']);
    const worst = Math.min(...stages.map(({ robustAccuracy }) => robustAccuracy));
    expect(report['robustAccuracy']).toBeLessThanOrEqual(worst);
    expect(report['transferAccuracy']).toBeLessThanOrEqual(report['cleanAccuracy'] as number);
    expect(report).toMatchObject({ norm: 'l2', epsilon: 0.7 });
  });

  it('prints tables, and ends with 2 when a gate fails', async () => {
    const honest = await run([...common, '--epsilon', '0.05', '--gates']);
    expect(honest.stdout).toMatch(/pgd .* % /);
    expect(honest.stdout).toMatch(/loss-rises .* passed/);
    expect(honest.stderr).toMatch(/gates: pgd-100.*: \d+\/\d+ images/);
    expect([honest.code, honest.stdout.includes('FAILED')]).toEqual([0, false]);

    // The same answers at logits a million times as far apart: cross-entropy is flat.
    const masked = join(folder, 'masked.safetensors');
    writeFileSync(masked, scaledLastLayer(readFileSync(weights), 1e6));
    const args = [...common, '--weights', masked, '--epsilon', '0.05'];
    const caught = await run([...args, '--gates']);
    expect(caught.code).toBe(2);
    expect(caught.stdout).toMatch(/ce-and-cw-agree .* FAILED/);
    expect(caught.stderr).toContain('warning: ce-and-cw-agree failed: measured');
    expect((await run(args)).code).toBe(0);
  });
});

describe('it refuses in a sentence', () => {
  const missing = join(folder, 'missing.safetensors');
  const text = join(folder, 'text.safetensors');
  writeFileSync(text, 'this is no file of weights at all');

  it.each<[what: string, args: string[], says: string]>([
    ['a file that is not there', ['--weights', missing], `--weights ${missing}: cannot be read (ENOENT)`],
    ['a file that is no safetensors', ['--weights', text], `${text}: expected a header of at most`],
    ['weights of another model', [...common, '--model', 'mnist_net'], `${weights}: conv1.weight: expected`],
    [
      'an unknown model',
      [...common, '--model', 'tiny-cn'],
      '--model: unknown name "tiny-cn"; did you mean "tiny-cnn"?',
    ],
    ['an unknown dataset', [...common, '--dataset', 'mnits'], '--dataset: unknown name "mnits"; did you mean "mnist"?'],
    [
      'an epsilon out of range',
      [...common, '--epsilon', '1.5'],
      '--epsilon: must be at most 1 with norm "linf", got 1.5',
    ],
    [
      'an unknown attack',
      [...common, '--attack', 'autoatack'],
      '--attack autoatack: unknown name "autoatack"; did you',
    ],
    ['broken JSON', [...common, '--attack', '{"name":'], '--attack {"name":: is not JSON:'],
    [
      'a parameter out of range',
      [...common, '--attack', '{"name":"pgd","steps":-1}'],
      '--attack {"name":"pgd","steps":-1}: steps must be at least 0, got -1',
    ],
    ['an attack that stands twice', [...common, '--attack', 'pgd', '--attack', 'pgd'], '--attack pgd: id each id may'],
    ['too many images', [...common, '--test-size', '10001'], '--test-size: must be at most 10000 (mnist), got 10001'],
    [
      'a model without its file',
      [...common, '--transfer-model', 'tiny-cnn'],
      '--transfer-model: needs --transfer-from',
    ],
  ])('%s', async (_what, args, says) => {
    expect(await refused(args)).toContain(says);
  });

  it('what is no number', async () => {
    const { code, stderr } = await run([...common, '--epsilon', '8/x']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('must be a number, or a fraction such as 8/255')]);
  });
});

/** A safetensors file whose last layer is multiplied. */
function scaledLastLayer(file: Buffer, factor: number): Buffer {
  const bytes = Buffer.from(file);
  const header = Number(bytes.readBigUInt64LE(0));
  const tensors = JSON.parse(bytes.toString('utf8', 8, 8 + header)) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  for (const name of ['fc2.weight', 'fc2.bias']) {
    const [start, end] = tensors[name].data_offsets.map((offset) => 8 + header + offset);
    for (let at = start; at < end; at += 4) bytes.writeFloatLE(bytes.readFloatLE(at) * factor, at);
  }
  return bytes;
}
