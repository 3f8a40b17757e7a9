// The TensorFlow.js binding built from a wheel that RESEED_TENSORFLOW_WHEEL names, and the same training on it and on our own kernels.
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { reseed } from './services/reseed-command.ts';

const wheel = process.env['RESEED_TENSORFLOW_WHEEL'] ?? '';
if (wheel === '')
  console.warn('Skipped, because RESEED_TENSORFLOW_WHEEL names no wheel of TensorFlow for this machine');

const folder = mkdtempSync(join(tmpdir(), 'reseed-binding-'));
const bindings = join(folder, 'bindings');
const env = { RESEED_HOME: join(folder, 'home'), RESEED_TENSORFLOW: bindings };
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Built {
  readonly kind: 'gpu' | 'cpu';
  readonly folder: string;
  readonly tensorflowVersion: string;
  readonly how: 'built' | 'found';
  readonly libraryFolders: readonly string[];
}
interface Epoch {
  readonly trainLoss: number;
}
interface Result {
  readonly backend: string;
  readonly backendClass: string;
  readonly weightHash: string;
  readonly cleanAccuracy: number;
  readonly robustAccuracyFinal: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly epochs: readonly Epoch[];
}

async function documentOf<T>(
  args: readonly string[],
  own: Readonly<Record<string, string>>,
  input?: string,
): Promise<T> {
  const { code, stdout, stderr } = await reseed(args, { env: own, ...(input === undefined ? {} : { input }) });
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as T;
}

/** Like site-packages/nvidia; nothing opens what lies in it without a GPU. */
const nvidia = join(folder, 'nvidia');
const build = (path: string) =>
  documentOf<Built>(['backend', 'build-tensorflow', '--tensorflow', path, '--libraries', nvidia, '--json'], env);

it.each([
  ['nothing', join(folder, 'none.whl'), /^there is no TensorFlow at /],
  ['a text', import.meta.filename, /is not TensorFlow for Python: it is no wheel/],
])('a build from %s says what is wrong, in a line', async (_, path, reason) => {
  const { code, stdout, stderr } = await reseed(['backend', 'build-tensorflow', '--tensorflow', path], { env });
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr.trim()).toMatch(reason);
  expect(stderr.trim()).not.toContain('\n');
});

describe.skipIf(wheel === '')('from a wheel', { timeout: 600_000 }, () => {
  let built: Built[];
  beforeAll(async () => {
    mkdirSync(join(nvidia, 'cudnn', 'lib'), { recursive: true });
    writeFileSync(join(nvidia, 'cudnn', 'lib', 'libcudnn.so.9'), '');
    built = await Promise.all([build(wheel), build(wheel)]);
  }, 600_000);

  it('one of two builds at once is made, the other finds it, and nothing else is left', async () => {
    const [{ kind, folder: made }] = built;
    expect(built.map(({ how }) => how).sort()).toEqual(['built', 'found']);
    expect(built[1].folder).toBe(made);
    expect(readdirSync(bindings).sort()).toEqual([kind, made.slice(bindings.length + 1)].sort());
    expect(readdirSync(join(made, 'tensorflow')).sort()).toEqual([
      'libtensorflow_cc.so.2',
      'libtensorflow_framework.so.2',
    ]);
  });

  it('it knows where libraries of CUDA were said to be', () => {
    expect(built[0].libraryFolders).toEqual([join(nvidia, 'cudnn', 'lib')]);
    expect(readlinkSync(join(built[0].folder, 'nvidia'))).toBe(nvidia);
  });

  it('the doctor loads it beside our own kernels, and says that it is chosen', async () => {
    const services = { DATABASE_URL: inject('databaseUrl'), REDIS_URL: inject('redisUrl') };
    const { backends } = await documentOf<{
      backends: { package: string; loads: boolean; chosen: boolean; description: Result | null }[];
    }>(['doctor', '--json'], { ...env, ...services });
    const name = built[0].kind === 'gpu' ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node';
    const [binding, portable] = [name, '@reseed/tfjs-backend-portable'].map((one) =>
      backends.find((backend) => backend.package === one),
    );
    expect(binding).toMatchObject({ loads: true, chosen: true });
    expect(binding?.description?.versions['tensorflow']).toBe(built[0].tensorflowVersion);
    expect(portable).toMatchObject({ loads: true, chosen: false });
  });

  it('trains to the same losses as our own kernels, and twice to the same bits', async () => {
    const spec = join(folder, 'spec.json');
    const dataset = { name: 'mnist', trainSize: 200, validationSize: 100, testSize: 100 };
    const attack = { name: 'pgd', epsilon: 0.1, steps: 3 };
    const training = { model: 'tiny-cnn-bn', epochs: 3, batchSize: 20, augmentation: 'pad_crop' };
    writeFileSync(spec, JSON.stringify({ dataset, attack, ...training, seed: 7 }));
    const train = (out: string, own: Readonly<Record<string, string>>) =>
      documentOf<Result>(['train', '--spec', spec, '--out', join(folder, out), '--json'], own);
    const portable = await train('portable', { RESEED_HOME: env.RESEED_HOME, RESEED_TENSORFLOW: join(folder, 'none') });
    const [first, second] = [await train('first', env), await train('second', env)];
    expect(first.backendClass).toMatch(/^tensorflow-(cpu|gpu)\/\d/);
    expect(first.weightHash).toBe(second.weightHash);
    // Not the stock package, if one is installed: what was built.
    expect(first.versions['tensorflow']).toBe(built[0].tensorflowVersion);
    expect(portable.weightHash).not.toBe(first.weightHash);
    for (const [i, { trainLoss }] of first.epochs.entries())
      expect(Math.abs(trainLoss - portable.epochs[i].trainLoss)).toBeLessThan(2e-4);
    // One image of a hundred may lie on a border.
    for (const metric of ['cleanAccuracy', 'robustAccuracyFinal'] as const)
      expect(Math.abs(first[metric] - portable[metric])).toBeLessThan(0.011);
  });
});
