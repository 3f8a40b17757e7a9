// The gamma, beta and ratio-of-uniforms normal distributions of Python's `random` module (Lib/random.py).
import { ParameterOutOfRangeError } from './errors.ts';

/** Anything with Python's `random()`: doubles in [0, 1). */
export interface PythonUniformSource {
  random(): number;
}

const NORMAL_RATIO = (4 * Math.exp(-0.5)) / Math.sqrt(2);
const LOG4 = Math.log(4);
const GAMMA_QUICK = 1 + Math.log(4.5);

/** `normalvariate(0, 1)`: Kinderman & Monahan 1977. Four words per try. */
export function drawNormalRatio(stream: PythonUniformSource): number {
  for (;;) {
    const u1 = stream.random();
    const u2 = 1 - stream.random();
    const z = (NORMAL_RATIO * (u1 - 0.5)) / u2;
    if ((z * z) / 4 <= -Math.log(u2)) return z;
  }
}

/** Cheng 1977, alpha > 1. */
function drawGammaCheng(stream: PythonUniformSource, alpha: number): number {
  const root = Math.sqrt(2 * alpha - 1);
  for (;;) {
    const u1 = stream.random();
    if (!(u1 > 1e-7 && u1 < 0.9999999)) continue;
    const u2 = 1 - stream.random();
    const v = Math.log(u1 / (1 - u1)) / root;
    const x = alpha * Math.exp(v);
    const z = u1 * u1 * u2;
    const r = alpha - LOG4 + (alpha + root) * v - x;
    if (r + GAMMA_QUICK - 4.5 * z >= 0 || r >= Math.log(z)) return x;
  }
}

/** Kennedy & Gentle 1980 (GS), alpha < 1. */
function drawGammaSmall(stream: PythonUniformSource, alpha: number): number {
  const b = (Math.E + alpha) / Math.E;
  for (;;) {
    const p = b * stream.random();
    const x = p <= 1 ? p ** (1 / alpha) : -Math.log((b - p) / alpha);
    const u = stream.random();
    if (p > 1 ? u <= x ** (alpha - 1) : u <= Math.exp(-x)) return x;
  }
}

/** `gammavariate(alpha, beta)`, beta = the scale. @throws ParameterOutOfRangeError unless both are above 0. */
export function drawPythonGamma(stream: PythonUniformSource, alpha: number, beta: number): number {
  if (!(alpha > 0)) throw new ParameterOutOfRangeError('gammavariate', 'alpha', alpha, 'above 0');
  if (!(beta > 0)) throw new ParameterOutOfRangeError('gammavariate', 'beta', beta, 'above 0');
  if (alpha > 1) return drawGammaCheng(stream, alpha) * beta;
  return alpha === 1 ? -Math.log(1 - stream.random()) * beta : drawGammaSmall(stream, alpha) * beta;
}

/** `betavariate(alpha, beta)` in [0, 1]. @throws ParameterOutOfRangeError unless both are above 0. */
export function drawPythonBeta(stream: PythonUniformSource, alpha: number, beta: number): number {
  const y = drawPythonGamma(stream, alpha, 1);
  return y === 0 ? 0 : y / (y + drawPythonGamma(stream, beta, 1));
}
