// The gamma distribution as NumPy's legacy RandomState draws it (legacy-distributions.c): three methods by shape.
import { ParameterOutOfRangeError } from './errors.ts';
import { drawStandardExponential, type UniformSource } from './exponential.ts';

/** A stream that also keeps the second value of each pair of normals. */
export interface NormalSource extends UniformSource {
  standardNormal(): number;
}

/** Ahrens & Dieter 1974 (GS), shape < 1: four words per try. */
function drawSmallShape(stream: UniformSource, shape: number): number {
  for (;;) {
    const u = stream.randomSample();
    const v = drawStandardExponential(stream);
    if (u <= 1 - shape) {
      const x = u ** (1 / shape);
      if (x <= v) return x;
    } else {
      const y = -Math.log((1 - u) / shape);
      const x = (1 - shape + shape * y) ** (1 / shape);
      if (x <= v + y) return x;
    }
  }
}

/** Marsaglia & Tsang 2000, shape > 1: a normal and a double per try. */
function drawLargeShape(stream: NormalSource, shape: number): number {
  const b = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * b);
  for (;;) {
    let x: number;
    let root: number;
    do {
      x = stream.standardNormal();
      root = 1 + c * x;
    } while (root <= 0);
    const v = root * root * root;
    const u = stream.randomSample();
    if (u < 1 - 0.0331 * (x * x) * (x * x)) return b * v;
    if (Math.log(u) < 0.5 * x * x + b * (1 - v + Math.log(v))) return b * v;
  }
}

/**
 * `standard_gamma(shape)`. Uses Math.log and Math.pow, so the last bits may differ from glibc.
 * @throws ParameterOutOfRangeError for a negative shape, and for NaN, with which NumPy never returns.
 */
export function drawStandardGamma(stream: NormalSource, shape: number): number {
  if (!(shape >= 0) || Object.is(shape, -0)) {
    throw new ParameterOutOfRangeError('standardGamma', 'shape', shape, '0 or more');
  }
  if (shape === 1) return drawStandardExponential(stream);
  if (shape === 0) return 0;
  return shape < 1 ? drawSmallShape(stream, shape) : drawLargeShape(stream, shape);
}
