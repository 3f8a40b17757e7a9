// A folder of images from files to a result: what `reseed data describe` prints, `reseed train` trains on.
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cifarRecords, writeImageFolder } from './services/image-folder.ts';
import { reseed } from './services/reseed-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'reseed-image-folder-'));
const dataFolder = join(folder, 'data sets');
const photographs = join(folder, "Anna's photographs");
const env = { RESEED_HOME: join(folder, 'home') };
const CLASSES = ['day', 'dusk', 'night'];

beforeAll(async () => {
  mkdirSync(dataFolder);
  await writeImageFolder(photographs, CLASSES, 66);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const describeData = (path: string, ...flags: string[]) =>
  reseed(['data', 'describe', path, '--data-folder', dataFolder, ...flags], { env });

interface Described {
  readonly dataset: Record<string, string | number>;
  readonly remedy: string | null;
  readonly sizes: unknown;
}
const described = async (path: string): Promise<Described> => {
  const { code, stdout } = await describeData(path, '--json');
  expect(code).toBe(0);
  return JSON.parse(stdout) as Described;
};

async function train(spec: object, name: string, ...flags: string[]) {
  const file = join(folder, `${name}.json`);
  const out = join(folder, name);
  writeFileSync(file, JSON.stringify({ seed: 3, ...spec }));
  const finished = await reseed(['train', '--spec', file, '--out', out, ...flags], { env });
  const result = (): Record<string, unknown> => JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'));
  return { ...finished, result };
}

describe('a folder of images', () => {
  it('outside the data folder is described with the command that links it there', async () => {
    const { dataset, remedy, sizes } = await described(photographs);
    expect(dataset).toEqual({
      name: 'images',
      folder: 'Anna_s_photographs',
      height: 16,
      width: 16,
      channels: 3,
      classes: 3,
      checksum: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      trainSize: 138,
      validationSize: 27,
      testSize: 33,
    });
    expect(sizes).toEqual([
      { height: 16, width: 16, images: 180 },
      { height: 32, width: 32, images: 18 },
    ]);
    expect(remedy).toContain(`ln -s '${folder}/Anna'\\''s photographs' '${dataFolder}/Anna_s_photographs'`);
    symlinkSync(photographs, join(dataFolder, 'photos'));
    const linked = { ...dataset, folder: 'photos' };
    for (const path of [photographs, join(dataFolder, 'photos')])
      expect(await described(path)).toMatchObject({ dataset: linked, remedy: null });
  });

  it('is described for people as a block to paste and a table', async () => {
    const { stdout, stderr } = await describeData(photographs, '--height', '24', '--channels', '1');
    const { dataset } = JSON.parse(`{${stdout.slice(0, stdout.indexOf('\n}') + 2)}}`) as Described;
    expect(dataset).toMatchObject({ folder: 'photos', height: 24, width: 16, channels: 1 });
    for (const name of CLASSES) expect(stdout).toMatch(new RegExp(`│ ${name} +│ \\d+ +│ \\d+ +│`));
    expect(stdout).toContain('198 images, 0 of them 24×16 pixels; the others are resized. There is no folder test');
    expect(stderr).not.toContain('ln -s');
    const wrong = await describeData(photographs, '--channels', '2');
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('Allowed choices are 1, 3') as string });
  });

  it('trains, cropped in proportion to its size, to the same bits every time', async () => {
    const { dataset } = await described(photographs);
    const spec = {
      dataset,
      augmentation: 'pad_crop',
      method: 'plain',
      epochs: 4,
      batchSize: 20,
      evaluation: { steps: 2, epsilon: 0.01 },
    };
    const { code, stderr, result } = await train(spec, 'first', '--data-folder', dataFolder);
    expect([code, stderr]).toEqual([0, expect.stringContaining('epoch 4/4')]);
    expect(result()).toMatchObject({
      data: 'originals',
      runKey: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      condition: { dataset, augmentation: { name: 'pad_crop', pad: 2 } },
    });
    expect(result()['cleanAccuracy']).toBeGreaterThan(0.9);
    const again = await train(spec, 'again', '--data-folder', dataFolder);
    expect(again.result()['weightHash']).toBe(result()['weightHash']);
    const other = await train({ ...spec, dataset: { ...dataset, width: 20 } }, 'other', '--data-folder', dataFolder);
    expect(other.result()['weightHash']).not.toBe(result()['weightHash']);
  });

  it('is refused when it is not the one of the grid, or not there, or too small', async () => {
    const { dataset } = await described(photographs);
    const sizes = await train({ dataset: { ...dataset, trainSize: 139 } }, 'large', '--data-folder', dataFolder);
    expect(sizes.stderr).toContain('trainSize is 139; it must be a whole number from 1 to 138');
    const missing = await train({ dataset }, 'missing', '--data-folder', folder);
    expect(missing.stderr).toContain(`${join(folder, 'photos')} is no folder; put or link the images there`);
    const { folder: _, ...unnamed } = dataset;
    const unknown = await train({ dataset: unnamed }, 'unknown', '--data-folder', dataFolder);
    expect(unknown.stderr).toContain('dataset.folder: is missing; dataset.name "images" needs it');
    appendFileSync(join(photographs, 'day/1.png'), 'x');
    const { checksum } = (await described(photographs)).dataset;
    const changed = await train({ dataset }, 'changed', '--data-folder', dataFolder);
    expect(changed.stderr).toContain(`has checksum ${checksum}, but dataset.checksum is ${dataset['checksum']}`);
    expect([sizes, missing, unknown, changed].map(({ code }) => code)).toEqual([1, 1, 1, 1]);
  });
});

describe('a copy of CIFAR-10 that was cut', () => {
  const cifar = join(dataFolder, 'cifar10');
  const spec = {
    dataset: { name: 'cifar10', trainSize: 60, validationSize: 20, testSize: 30 },
    method: 'plain',
    epochs: 1,
    evaluation: { steps: 1 },
  };
  beforeAll(() => {
    mkdirSync(cifar);
    writeFileSync(join(cifar, 'data_batch_1.bin'), cifarRecords(80, 1));
    writeFileSync(join(cifar, 'test_batch.bin'), cifarRecords(30, 2));
  });

  it('gives a result that is not one of the dataset, with --as-found only', async () => {
    // Files are read at the same time: either may be the first to be refused.
    const refused = await train(spec, 'refused', '--data-folder', dataFolder);
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /batch(_1)?\.bin has \d+ bytes, expected 30730000|batch_[2-5]\.bin does not exist/,
      ) as string,
    });
    const { code, stderr, result } = await train(spec, 'found', '--data-folder', dataFolder, '--as-found');
    expect(code).toBe(0);
    expect(stderr).toContain('warning: cifar10 as found; results are not those of the dataset');
    expect(result()).toMatchObject({ data: 'as_found', runKey: null, condition: { dataset: { name: 'cifar10' } } });
  });

  it('is split within what was found', async () => {
    const large = { ...spec, dataset: { ...spec.dataset, trainSize: 61 } };
    const { code, stderr } = await train(large, 'large', '--data-folder', dataFolder, '--as-found');
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('trainSize is 61; it must be a whole number from 1 to 60'),
    ]);
  });
});
