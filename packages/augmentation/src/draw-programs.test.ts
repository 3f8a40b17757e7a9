// The draws of every method against the real generators: NumPy's RandomState, and torchvision's transforms on torch's.
import type { Augmentation } from '@reseed/experiment';
import { type DrawStream, NumpyRandomState, TorchDrawStream, TorchGenerator } from '@reseed/rng';
import { describe, expect, test } from 'vitest';
import { compileAugmentation } from './compile-augmentation.ts';
import { golden } from './golden-vectors.ts';
import type { ImageShape } from './image-method.ts';
import { learntSpace, magnitudeOf, type OperatorSpace } from './magnitude-space.ts';
import { type OperatorName, OPERATORS } from './operators.ts';
import { sampleErasedBox } from './random-erasing.ts';
import { trivialAugmentSpace } from './trivial-augment.ts';

const grey: ImageShape = [28, 28, 1];
const flipAndCutout: Augmentation = [
  { name: 'pad_crop_flip', pad: 4 },
  { name: 'cutout', length: 16 },
];

/** Equal, but for the last bits of what went through the C library's log, pow or exp. */
function expectDrawn(drawn: unknown, expected: unknown): void {
  if (Array.isArray(expected)) {
    expect(drawn).toHaveLength(expected.length);
    expected.forEach((value, i) => expectDrawn((drawn as unknown[])[i], value));
  } else if (Number.isInteger(expected)) expect(drawn).toBe(expected);
  else expect(Math.abs((drawn as number) / (expected as number) - 1)).toBeLessThan(1e-15);
}

const samples: [key: string, augmentation: Augmentation, shape: ImageShape][] = [
  ['pad_crop(p=2) [dy,dx] x6', { name: 'pad_crop', pad: 2 }, grey],
  ['pad_crop_flip(p=4) [dy,dx,flip] x6', { name: 'pad_crop_flip', pad: 4 }, grey],
  ['cutout_center 28x28 [cy,cx] x6', { name: 'cutout', length: 10 }, grey],
  ['pad_crop_flip(4)+cutout 32x32 [dy,dx,flip,cy,cx] x4', flipAndCutout, [32, 32, 3]],
  [
    'cutmix_sample(beta=1) N=60000 28x28 [u,lam,partner,cy,cx] x4',
    { name: 'cutmix_sample', beta: 1, probability: 1 },
    grey,
  ],
  ['random_erasing(p=.5) 28x28 [u | u,y,x,h,w] x6', { name: 'random_erasing', probability: 0.5 }, grey],
  ['color_jitter(b=.4,c=.4) [fb,fc] x3', { name: 'color_jitter', brightness: 0.4, contrast: 0.4 }, grey],
  [
    'trivial_augment(14 ops,31 bins) [op,bin,sign] x6',
    { name: 'trivial_augment', translate: 32, rotate: 135 },
    [32, 32, 3],
  ],
  [
    'affine_jitter(rot 10,trans 2,scale .9-1.1) [deg,tx,ty,s] x3',
    { name: 'affine_jitter', degrees: 10, translate: 2, scale: 0.1 },
    grey,
  ],
];

const batches: [key: string, augmentation: Augmentation, size: number][] = [
  ['cutmix_batch(alpha=1) n=8 28x28 [lam,cy,cx,perm] x2', { name: 'cutmix_batch', alpha: 1 }, 8],
  ['mixup_batch(alpha=1) n=8 [lam,perm] x2', { name: 'mixup_batch', alpha: 1 }, 8],
  ['mixup_batch(alpha=0.2) n=8 [lam,perm] x2', { name: 'mixup_batch', alpha: 0.2 }, 8],
  ['ricap_batch(beta=.3) n=6 28x28 [w,h,[[perm,x,y]x4]] x2', { name: 'ricap_batch', beta: 0.3 }, 6],
];

describe('NumPy’s draws', () => {
  test.each(samples)('%s', (key, augmentation, shape) => {
    const compiled = compileAugmentation(augmentation, shape, { sampleCount: 60_000 });
    for (const program of golden.drawPrograms) {
      const stream = new NumpyRandomState(program['seed'] as number);
      for (const expected of program[key] as number[][]) {
        const drawn = compiled.sample(stream);
        expect(drawn).toHaveLength(compiled.draws);
        // What was not drawn, as u was too large, is an empty rectangle.
        expectDrawn(drawn, [...expected, ...Array.from({ length: drawn.length - expected.length }, () => 0)]);
      }
    }
  });

  test.each(batches)('%s', (key, augmentation, size) => {
    const compiled = compileAugmentation(augmentation, grey);
    for (const program of golden.drawPrograms) {
      const stream = new NumpyRandomState(program['seed'] as number);
      for (const expected of program[key] as unknown[][]) {
        expect(compiled.sample(stream)).toEqual([]);
        expectDrawn(compiled.batch?.(stream, size), [expected.flat(3)]);
      }
    }
  });

  test('every golden program is compared', () => {
    for (const program of golden.drawPrograms) {
      expect(new Set([...samples, ...batches].map(([key]) => key).concat('seed'))).toEqual(
        new Set(Object.keys(program)),
      );
    }
  });
});

/** What torchvision draws: only what the operator uses. Returns its name there and its magnitude. */
function drawOperator(
  stream: DrawStream,
  space: Readonly<Record<OperatorName, OperatorSpace>>,
  bin: number | 'drawn',
): [name: string, magnitude: number] {
  const name = OPERATORS[stream.randint(0, OPERATORS.length)];
  const { magnitudes, sign } = space[name];
  const drawnBin = magnitudes.length > 0 && bin === 'drawn' ? stream.randint(0, magnitudes.length) : Number(bin);
  const negative = sign === 'signed' && stream.randint(0, 2) === 1;
  const camelCase = name.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return [camelCase, magnitudeOf(space[name], drawnBin, negative ? 'negative' : 'positive')];
}

const torchPrograms: Record<string, (stream: TorchDrawStream) => unknown> = {
  'RandomCrop(28,pad 4)+flip(.5) [i,j,flip] x6': (stream) =>
    compileAugmentation({ name: 'pad_crop_flip', pad: 4 }, grey).sample(stream),
  'RandomErasing.get_params(scale .02-.33, ratio .3-3.3) 28x28 [y,x,h,w] x5': (stream) => sampleErasedBox(stream, grey),
  'TrivialAugmentWide(31) x8': (stream) =>
    drawOperator(stream, trivialAugmentSpace({ translate: 32, rotate: 135 }), 'drawn'),
  'RandAugment(2,9) 28x28 x4': (stream) => {
    const space = learntSpace(grey, 31);
    return [drawOperator(stream, space, 9), drawOperator(stream, space, 9)];
  },
  'AutoAugment.get_params(25) x4': (stream) => {
    const [policy, u0, u1, sign0, sign1] = compileAugmentation({ name: 'auto_augment' }, grey).sample(stream);
    return [policy, [u0, u1], [sign0, sign1]];
  },
};

describe('torchvision’s draws from torch’s generator', () => {
  test.each(Object.keys(torchPrograms))('%s', (key) => {
    for (const recorded of golden.torchStreams) {
      const stream = new TorchDrawStream(new TorchGenerator(recorded['seed'] as number));
      const expected = recorded[key] as unknown[];
      expect(expected.map(() => torchPrograms[key](stream))).toEqual(expected);
    }
  });

  test('every golden stream is compared', () => {
    for (const recorded of golden.torchStreams)
      expect(Object.keys(recorded).sort()).toEqual(['seed', ...Object.keys(torchPrograms)].sort());
  });
});
