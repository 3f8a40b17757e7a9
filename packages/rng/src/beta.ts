// The beta distribution as NumPy's legacy RandomState draws it: Jöhnk 1964 up to a = b = 1, else a ratio of gammas.
import { ParameterOutOfRangeError } from './errors.ts';
import type { UniformSource } from './exponential.ts';
import { drawStandardGamma, type NormalSource } from './gamma.ts';

function drawJohnk(stream: UniformSource, a: number, b: number): number {
  for (;;) {
    const u = stream.randomSample();
    const v = stream.randomSample();
    const x = u ** (1 / a);
    const y = v ** (1 / b);
    const sum = x + y;
    if (sum > 1 || u + v === 0) continue;
    if (sum > 0) return x / sum;
    // Both powers are below the smallest double: the same ratio through logarithms.
    const logX = Math.log(u) / a;
    const logY = Math.log(v) / b;
    const larger = Math.max(logX, logY);
    return Math.exp(logX - larger - Math.log(Math.exp(logX - larger) + Math.exp(logY - larger)));
  }
}

/**
 * `beta(a, b)`, a double in [0, 1]. beta(1, 1) is exact to the bit; else the last bits may differ from glibc.
 * @throws ParameterOutOfRangeError unless a and b are above 0.
 */
export function drawBeta(stream: NormalSource, a: number, b: number): number {
  if (!(a > 0)) throw new ParameterOutOfRangeError('beta', 'a', a, 'above 0');
  if (!(b > 0)) throw new ParameterOutOfRangeError('beta', 'b', b, 'above 0');
  if (a <= 1 && b <= 1) return drawJohnk(stream, a, b);
  const x = drawStandardGamma(stream, a);
  const y = drawStandardGamma(stream, b);
  return x / (x + y);
}
