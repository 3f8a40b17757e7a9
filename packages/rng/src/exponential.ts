// The exponential distribution as NumPy's legacy RandomState draws it: by inversion.

/** Anything that hands out doubles in [0, 1). */
export interface UniformSource {
  randomSample(): number;
}

/** `standard_exponential()`: −ln(1 − u), two words. Last bit as Math.log has it. */
export function drawStandardExponential(stream: UniformSource): number {
  return -Math.log(1 - stream.randomSample());
}
