// Torch and Python generators as streams of draw programs: the draws they serve, and those they refuse by name.
import { describe, expect, it } from 'vitest';
import type { DrawStream } from './draw-stream.ts';
import { DrawNotServedError, DrawRangeError } from './errors.ts';
import { JaxDrawStream } from './jax-draw-stream.ts';
import * as jax from './jax-random.ts';
import { NumpyRandomState } from './numpy-random-state.ts';
import { PythonDrawStream } from './python-draw-stream.ts';
import { PythonRandom } from './python-random.ts';
import { TorchDrawStream } from './torch-draw-stream.ts';
import { TorchGenerator } from './torch-generator.ts';

const refused = {
  permutation: (stream: DrawStream) => stream.permutation(4),
  beta: (stream: DrawStream) => stream.beta(1, 1),
  standardNormal: (stream: DrawStream) => stream.standardNormal(),
  normal: (stream: DrawStream) => stream.normal(0, 1),
} as const;

/** pad_crop_flip with pad 4, then a uniform, as any augmentation draws. */
function program(stream: DrawStream): number[] {
  const drawn = [stream.randint(0, 9), stream.randint(0, 9), stream.randomSample() < 0.5 ? 1 : 0];
  return [...drawn, stream.uniform(-10, 10), stream.nextUint32()];
}

describe('torch_rng', () => {
  it('draws words modulo the range and float32 uniforms, one word each', () => {
    const [stream, words] = [new TorchDrawStream(new TorchGenerator(42)), new TorchGenerator(42)];
    const u = () => (words.nextUint32() & 0xffffff) / 2 ** 24;
    for (let i = 0; i < 50; i++) {
      const expected = [words.nextUint32() % 9, words.nextUint32() % 9, u() < 0.5 ? 1 : 0, Math.fround(u() * 20 - 10)];
      expect(program(stream)).toEqual([...expected, words.nextUint32()]);
    }
    expect(stream.wordsDrawn).toBe(250);
    const ahead = new Uint32Array(2);
    stream.peek(ahead);
    expect([stream.nextUint32(), stream.nextUint32()]).toEqual(Array.from(ahead));
  });

  it.each(Object.entries(refused))('refuses %s', (draw, attempt) => {
    const stream = new TorchDrawStream(new TorchGenerator(0));
    expect(() => attempt(stream)).toThrow(DrawNotServedError);
    expect(() => attempt(stream)).toThrow(expect.objectContaining({ mode: 'torch_rng', draw }));
    expect(stream.wordsDrawn).toBe(0);
  });
});

describe('python_rng', () => {
  it('draws with randrange, random and uniform', () => {
    const [stream, random] = [new PythonDrawStream(new PythonRandom(42)), new PythonRandom(42)];
    for (let i = 0; i < 50; i++) {
      const expected = [random.randrange(0, 9), random.randrange(0, 9), random.random() < 0.5 ? 1 : 0];
      expect(program(stream)).toEqual([...expected, random.uniform(-10, 10), random.getrandbits(32)]);
    }
    expect(stream.wordsDrawn).toBe(random.wordsDrawn);
    const ahead = new Uint32Array(2);
    stream.peek(ahead);
    expect([stream.nextUint32(), stream.nextUint32()]).toEqual(Array.from(ahead));
  });

  it.each(Object.entries(refused))('refuses %s', (draw, attempt) => {
    const stream = new PythonDrawStream(new PythonRandom(0));
    expect(() => attempt(stream)).toThrow(DrawNotServedError);
    expect(() => attempt(stream)).toThrow(expect.objectContaining({ mode: 'python_rng', draw }));
    expect(stream.wordsDrawn).toBe(0);
  });
});

describe('every draw stream', () => {
  it.each([
    ['NumPy', () => new NumpyRandomState(0)],
    ['torch', () => new TorchDrawStream(new TorchGenerator(0))],
    ['Python', () => new PythonDrawStream(new PythonRandom(0))],
  ] as const)('of %s keeps to its ranges and refuses empty ones', (_, open) => {
    const stream: DrawStream = open();
    for (let i = 0; i < 300; i++) {
      const [dy, , flip, degrees] = program(stream);
      expect(dy >= 0 && dy < 9 && flip < 2 && degrees >= -10 && degrees < 10).toBe(true);
    }
    expect(() => stream.randint(4, 4)).toThrow(DrawRangeError);
  });
});

describe('jax_fold_in', () => {
  it('splits its key before every draw', () => {
    const stream = new JaxDrawStream(jax.prngKey(42));
    let key = jax.prngKey(42);
    const sub = () => {
      const [next, drawn] = jax.split(key);
      key = next;
      return drawn;
    };
    for (let i = 0; i < 20; i++) {
      const crop = [jax.randint(sub(), 1, 0, 9)[0], jax.randint(sub(), 1, 0, 9)[0]];
      const flip = jax.uniform(sub(), 1)[0] < 0.5 ? 1 : 0;
      const angle = jax.uniform(sub(), 1, { low: -10, high: 10 })[0];
      expect(program(stream)).toEqual([...crop, flip, angle, jax.bits(sub(), 1)[0]]);
    }
  });

  it.each(Object.entries(refused))('refuses %s', (draw, attempt) => {
    const stream = new JaxDrawStream(jax.prngKey(0));
    expect(() => attempt(stream)).toThrow(expect.objectContaining({ mode: 'jax_fold_in', draw }));
  });
});
