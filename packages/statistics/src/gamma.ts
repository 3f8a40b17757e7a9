// Logarithms of the gamma and beta functions, to about 1e-15 absolute (Stirling's series, DLMF 5.11.1).

const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

// B(2k) / (2k (2k - 1)): the series below is exact to the last bit from here on.
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400];
const ASYMPTOTIC_FROM = 10;

/** What Stirling's formula leaves out of log gamma(x), for x >= 10. */
function stirlingRemainder(x: number): number {
  const inverseSquare = 1 / (x * x);
  return STIRLING.reduceRight((sum, coefficient) => sum * inverseSquare + coefficient, 0) / x;
}

/** log gamma(x) for x > 0. */
export function logGamma(x: number): number {
  let shifted = x;
  let product = 1;
  while (shifted < ASYMPTOTIC_FROM) {
    product *= shifted;
    shifted += 1;
  }
  return (
    (shifted - 0.5) * Math.log(shifted) - shifted + HALF_LOG_TWO_PI + stirlingRemainder(shifted) - Math.log(product)
  );
}

/**
 * log B(a, b) for a, b > 0. For large arguments the leading terms are cancelled by hand, because subtracting
 * log gammas of the size 4e4 would cost four digits of a p-value.
 */
export function logBeta(a: number, b: number): number {
  const small = Math.min(a, b);
  const large = Math.max(a, b);
  const sum = small + large;
  if (large < ASYMPTOTIC_FROM) return logGamma(small) + logGamma(large) - logGamma(sum);
  const remainder = stirlingRemainder(large) - stirlingRemainder(sum);
  const tail = Math.log1p(-small / sum);
  if (small < ASYMPTOTIC_FROM) {
    return logGamma(small) + remainder + small - small * Math.log(sum) + (large - 0.5) * tail;
  }
  return (
    HALF_LOG_TWO_PI -
    0.5 * Math.log(large) +
    stirlingRemainder(small) +
    remainder +
    (small - 0.5) * Math.log(small / sum) +
    large * tail
  );
}
