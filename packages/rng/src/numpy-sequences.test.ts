// Draws that follow one another on one RandomState, against NumPy: each result also checks what was consumed before.
import { describe, expect, it } from 'vitest';
import { GoldenFile } from './golden-entries.ts';
import { NumpyRandomState } from './numpy-random-state.ts';
import type { IntegerType } from './typed-randint.ts';

interface Call {
  call: string;
  args: unknown[];
  result: unknown;
}
const golden = GoldenFile.open<{ cases: { seed: number | number[]; calls: Call[] }[] }>('numpy_sequences', [
  'seed',
  'call',
  'args',
]);

type Draw = (stream: NumpyRandomState, args: never, count: number) => unknown;

function repeated(draw: (stream: NumpyRandomState, ...args: number[]) => number): Draw {
  return (stream, args: number[], count) => Array.from({ length: count }, () => draw(stream, ...args));
}

const exact: Record<string, Draw> = {
  randint: (s, [dtype, low, high, size]: [IntegerType, string, string, number]) =>
    Array.from(s.randintArray(BigInt(low), BigInt(high), { size, dtype }) as ArrayLike<unknown>, String),
  bytes: (s, [length]: [number]) => Array.from(s.bytes(length)),
  tomaxint: (s) => String(s.tomaxint()),
  choices: (s, [n, size, p]: [number, number, number[]?]) => Array.from(s.choices(n, size, p)),
  choiceDistinct: (s, [n, size, p]: [number, number, number[]?]) => Array.from(s.choiceDistinct(n, size, p)),
  permutation: (s, [n]: [number]) => Array.from(s.permutation(n)),
  uniform: repeated((s, low, high) => s.uniform(low, high)),
  binomial: repeated((s, n, p) => s.binomial(n, p)),
};

/** Several logarithms and powers, each of which may differ from the C library's in the last place. */
const throughLog: Record<string, Draw> = {
  standardNormal: repeated((s) => s.standardNormal()),
  normal: repeated((s, mean, deviation) => s.normal(mean, deviation)),
  exponential: repeated((s, scale) => s.exponential(scale)),
  gamma: repeated((s, shape, scale) => s.gamma(shape, scale)),
  beta: repeated((s, a, b) => s.beta(a, b)),
};

describe.each(
  golden.content.cases.map(({ seed, calls }, index) => ({ name: JSON.stringify(seed), seed, calls, index })),
)('RandomState($name), call after call', ({ seed, calls, index }) => {
  const stream = new NumpyRandomState(seed);

  it.each(calls.map(({ call, args, result }, place) => ({ call, args, result, place })))(
    '$place: $call $args',
    ({ call, args, result, place }) => {
      const draw = exact[call] ?? throughLog[call];
      const drawn = draw(stream, args as never, [result].flat().length);
      const tolerance = call in throughLog ? { relative: 1e-15 } : {};
      golden.compare(['cases', index, 'calls', place, 'result'], drawn, tolerance);
      const { position, gauss } = stream.getState();
      golden.compare(['cases', index, 'calls', place, 'position'], position);
      golden.compare(['cases', index, 'calls', place, 'kept'], gauss, { relative: 1e-15 });
    },
  );
});

it('compares every entry of numpy_sequences.json', () => {
  expect(golden.uncompared).toEqual([]);
  expect(golden.entries).toBe(3 * golden.content.cases.flatMap(({ calls }) => calls).length);
});
