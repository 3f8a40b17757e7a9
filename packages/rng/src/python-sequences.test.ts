// Draws that follow one another on one random.Random, against Python: each result also checks what was consumed before.
import { describe, expect, it } from 'vitest';
import { GoldenFile } from './golden-entries.ts';
import { PythonRandom } from './python-random.ts';

interface Call {
  call: string;
  args: unknown[];
}
const golden = GoldenFile.open<{ cases: { seed: string; calls: Call[] }[] }>('python_sequences', [
  'seed',
  'call',
  'args',
]);

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}

type Draw = (random: PythonRandom, args: never) => unknown;

const exact: Record<string, Draw> = {
  getrandbits: (r, [bits]: [number]) => r.getrandbits(bits),
  getrandbitsBig: (r, [bits]: [number]) => String(r.getrandbitsBig(bits)),
  randrange: (r, [start, stop, step]: [number, number, number?]) => r.randrange(start, stop, step),
  randrangeBig: (r, [start, stop]: [string, string]) => String(r.randrangeBig(BigInt(start), BigInt(stop))),
  randint: (r, [low, high]: [number, number]) => r.randint(low, high),
  sample: (r, [n, size]: [number, number]) => r.sample(range(n), size),
  shuffle: (r, [n]: [number]) => r.shuffle(range(n)),
  choice: (r, [n]: [number]) => r.choice(range(n)),
  uniform: (r, [low, high]: [number, number]) => r.uniform(low, high),
};

const throughLog: Record<string, Draw> = {
  gauss: (r, [mean, deviation]: [number, number]) => r.gauss(mean, deviation),
  normalvariate: (r, [mean, deviation]: [number, number]) => r.normalvariate(mean, deviation),
  gammavariate: (r, [alpha, beta]: [number, number]) => r.gammavariate(alpha, beta),
  betavariate: (r, [alpha, beta]: [number, number]) => r.betavariate(alpha, beta),
};

describe.each(golden.content.cases.map(({ seed, calls }, index) => ({ seed, calls, index })))(
  'Random($seed), call after call',
  ({ seed, calls, index }) => {
    const random = new PythonRandom(BigInt(seed));

    it.each(calls.map(({ call, args }, place) => ({ call, args, place })))('$place: $call $args', (made) => {
      const { call, args, place } = made;
      const drawn = (exact[call] ?? throughLog[call])(random, args as never);
      const tolerance = call in throughLog ? { relative: 1e-15 } : {};
      golden.compare(['cases', index, 'calls', place, 'result'], drawn, tolerance);
      const { position, gauss } = random.getState();
      golden.compare(['cases', index, 'calls', place, 'position'], position);
      golden.compare(['cases', index, 'calls', place, 'kept'], gauss, { relative: 1e-15 });
    });
  },
);

it('compares every entry of python_sequences.json', () => {
  expect(golden.uncompared).toEqual([]);
  expect(golden.entries).toBe(3 * golden.content.cases.flatMap(({ calls }) => calls).length);
});
