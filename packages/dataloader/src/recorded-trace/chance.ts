// How likely chance is to do what was seen: bounds that need no distribution table.

/** Natural logarithm of the smallest probability that still counts as chance, about 1e-13. */
export const CHANCE_NATS = 30;

/** The same for a second relation where a first one is certain already, about 5e-5: the verdict does not hang on it. */
export const SECOND_CHANCE_NATS = 10;

/** Bits of a word that shows itself as raw: no two unrelated ones are taken to be equal more often than this. */
export const RAW_COLLISION = 2 ** -24;

/** Fewer pairs than this bound nothing: draws with few outcomes can look different that often. */
const FEWEST_PAIRS = 8;

/** Upper bound of a rate of which `matches` in `candidates` were seen: three deviations and one match more. */
export function upperRate(matches: number, candidates: number): number {
  return candidates < FEWEST_PAIRS ? 1 : Math.min(1, (matches + 3 * Math.sqrt(matches) + 1) / (candidates + 2));
}

/** Kullback–Leibler divergence of two coins in nats: n times it bounds −ln P(rate or more | base), after Chernoff. */
export function divergence(rate: number, base: number): number {
  if (rate <= base) return 0;
  const term = (p: number, q: number) => (p === 0 ? 0 : p * Math.log(p / q));
  return term(rate, base) + term(1 - rate, 1 - base);
}

/** P(at least `count` events) where `expected` are expected, after Chernoff; 1 for what is expected anyway. */
export function poissonTail(count: number, expected: number): number {
  if (count <= expected) return 1;
  if (expected === 0) return 0;
  // For one event the bound is e times too large; the exact value is as short.
  if (count === 1) return -Math.expm1(-expected);
  return Math.exp(count - expected - count * Math.log(count / expected));
}
