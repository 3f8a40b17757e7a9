// What holds for every augmentation: pixels stay pixels, labels stay shares, and draws depend on the stream alone.
import {
  type Augmentation,
  AUGMENTATION_FACTS,
  AUGMENTATION_NAMES,
  type AugmentationItem,
  type AugmentationName,
  augmentationItems,
  resolveAugmentation,
} from '@reseed/experiment';
import { DrawNotServedError, type DrawStream, JaxDrawStream, NumpyRandomState, PythonDrawStream } from '@reseed/rng';
import { jax, PythonRandom, TorchDrawStream, TorchGenerator } from '@reseed/rng';
import { describe, expect, test } from 'vitest';
import { type CompiledAugmentation, compileAugmentation } from './compile-augmentation.ts';
import type { ImageShape } from './image-method.ts';

const SHAPES: readonly ImageShape[] = [
  [28, 28, 1],
  [32, 32, 3],
];
const SAMPLES = 30;
const CLASSES = 10;

const itemOf = (name: AugmentationName): Augmentation => resolveAugmentation(name, { dataset: { name: 'mnist' } });
const compile = (augmentation: Augmentation, shape: ImageShape): CompiledAugmentation =>
  compileAugmentation(augmentation, shape, { classes: CLASSES, sampleCount: SAMPLES });

function imagesOf(shape: ImageShape, seed: number): Uint8Array {
  const stream = new NumpyRandomState(seed);
  return Uint8Array.from({ length: SAMPLES * shape[0] * shape[1] * shape[2] }, () => stream.randint(0, 256));
}

/** toEqual takes seconds for as many values. */
const same = (a: Uint8Array | Float32Array, b: Uint8Array | Float32Array): boolean =>
  Buffer.from(a.buffer).equals(Buffer.from(b.buffer));

/** The whole batch, as training makes it: images, soft label rows, and the word that the stream gives next. */
function runBatch(compiled: CompiledAugmentation, shape: ImageShape, images: Uint8Array) {
  const size = shape[0] * shape[1] * shape[2];
  const stream = new NumpyRandomState(6);
  const labels = Array.from({ length: SAMPLES }, (_, i) => (i * 7) % CLASSES);
  const pixels = new Float32Array(SAMPLES * size);
  const rows = new Float32Array(SAMPLES * CLASSES);
  const parameters = labels.map(() => compiled.sample(stream));
  const batch = compiled.batch?.(stream, SAMPLES);
  labels.forEach((label, i) => {
    const rawImage = (index: number) => images.subarray(index * size, (index + 1) * size);
    compiled.apply(images, i * size, parameters[i], pixels, i * size, rawImage);
    rows[i * CLASSES + label] = 1;
    compiled.softenLabel?.(parameters[i], labels, rows, i * CLASSES);
  });
  if (batch !== undefined) compiled.mix?.(pixels, rows, batch);
  return { pixels, rows, parameters, batch, next: stream.nextUint32() };
}

describe.each(AUGMENTATION_NAMES)('%s', (name) => {
  const facts = AUGMENTATION_FACTS[name];

  test.each(SHAPES.map((shape) => [shape]))('keeps pixels in [0, 1] and label rows at a sum of 1, %j', (shape) => {
    const images = imagesOf(shape, 1);
    const before = images.slice();
    const compiled = compile(itemOf(name), shape);
    const { pixels, rows } = runBatch(compiled, shape, images);
    expect(pixels.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(same(images, before)).toBe(true);
    let soft = 0;
    for (let i = 0; i < SAMPLES; i += 1) {
      const row = rows.subarray(i * CLASSES, (i + 1) * CLASSES);
      expect(row.every((value) => value >= 0 && value <= 1 + 1e-6)).toBe(true);
      expect(Math.abs(row.reduce((sum, value) => sum + value, 0) - 1)).toBeLessThan(1e-6);
      if (row.every((value) => value < 0.999)) soft += 1;
    }
    expect(soft > 0).toBe(compiled.softLabels !== 'never');
    // Something is done to some of the images, by everything but none.
    const plain = runBatch(compile('none', shape), shape, images).pixels;
    expect(same(pixels, plain)).toBe(name === 'none');
  });

  test('draws the same whatever the pixels are, and the same pixels from the same draws', () => {
    const compiled = compile(itemOf(name), SHAPES[0]);
    const first = runBatch(compiled, SHAPES[0], imagesOf(SHAPES[0], 1));
    const other = runBatch(compiled, SHAPES[0], imagesOf(SHAPES[0], 2));
    expect([other.parameters, other.batch, other.next]).toEqual([first.parameters, first.batch, first.next]);
    const again = runBatch(compile(itemOf(name), SHAPES[0]), SHAPES[0], imagesOf(SHAPES[0], 1));
    expect([same(again.pixels, first.pixels), same(again.rows, first.rows)]).toEqual([true, true]);
    expect(JSON.parse(JSON.stringify([first.parameters, first.batch ?? null]))).toEqual([
      first.parameters,
      first.batch ?? null,
    ]);
  });

  test('draws where and what its facts say', () => {
    const compiled = compile(itemOf(name), SHAPES[0]);
    const stream = new NumpyRandomState(3);
    expect(compiled.sample(stream)).toHaveLength(compiled.draws);
    expect(stream.wordsDrawn > 0).toBe(facts.drawnIn === 'sample' && name !== 'none');
    expect(compiled.batch !== undefined).toBe(facts.drawnIn === 'batch');
    expect(compiled.mix !== undefined).toBe(facts.drawnIn === 'batch');
    expect(compiled.drawnPerBatch.length > 0).toBe(facts.drawnIn === 'batch');
    expect(compiled.choices !== undefined).toBe(facts.draws === 'choices');
    const streams: DrawStream[] = [
      new TorchDrawStream(new TorchGenerator(1)),
      new PythonDrawStream(new PythonRandom(1)),
      new JaxDrawStream(jax.prngKey(1)),
    ];
    for (const other of streams) {
      const draw = () => [compiled.sample(other), compiled.batch?.(other, 4)];
      if (facts.draws === 'numpy_only') expect(draw).toThrow(DrawNotServedError);
      else expect(draw()[0]).toHaveLength(compiled.draws);
    }
  });
});

const choosing = AUGMENTATION_NAMES.filter((name) => AUGMENTATION_FACTS[name].draws === 'choices' && name !== 'none');
test.each(choosing)('the choices of %s are the parameters that sample draws', (name) => {
  const { sample, choices, draws } = compile(itemOf(name), SHAPES[0]);
  if (choices === undefined) throw new Error('no choices');
  expect(choices.counts).toHaveLength(draws);
  const stream = new NumpyRandomState(1);
  const sampled = Array.from({ length: 4000 }, () => sample(stream));
  const chosen = Array.from({ length: 4000 }, () =>
    choices.parametersOf(choices.counts.map((n) => stream.randint(0, n))),
  );
  for (let k = 0; k < draws; k += 1) {
    const values = (list: readonly (readonly number[])[]) =>
      [...new Set(list.map((drawn) => drawn[k]))].sort((a, b) => a - b);
    expect(values(chosen)).toEqual(values(sampled));
    expect(values(chosen)).toHaveLength(choices.counts[k]);
  }
});

test('a list of all items per sample, then all per batch, draws and applies in that order', () => {
  const names = AUGMENTATION_NAMES.filter((name) => name !== 'none');
  const inOrder = (['sample', 'batch'] as const).flatMap((where) =>
    names.filter((name) => AUGMENTATION_FACTS[name].drawnIn === where),
  );
  const items = inOrder.flatMap((name) => augmentationItems(itemOf(name)));
  const shape = SHAPES[0];
  const compiled = compile(items, shape);
  const stream = new NumpyRandomState(11);
  const each = new NumpyRandomState(11);
  const perItem = items.map((item: AugmentationItem) => compile(item, shape));
  for (let i = 0; i < 3; i += 1) {
    expect(compiled.sample(stream)).toEqual(perItem.flatMap((item) => item.sample(each)));
  }
  expect(compiled.batch?.(stream, 3)).toEqual(perItem.flatMap((item) => item.batch?.(each, 3) ?? []));
  expect(stream.nextUint32()).toBe(each.nextUint32());
  expect(compiled.drawn).toEqual(perItem.flatMap((item) => item.drawn));
  expect(compiled.drawnPerBatch).toEqual(perItem.flatMap((item) => item.drawnPerBatch));
  const { rows, pixels } = runBatch(compiled, shape, imagesOf(shape, 1));
  expect(pixels.every((value) => value >= 0 && value <= 1)).toBe(true);
  expect(Math.abs(rows.reduce((sum, value) => sum + value, 0) - SAMPLES)).toBeLessThan(1e-4);
});
