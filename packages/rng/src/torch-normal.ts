// torch.randn on the CPU (aten/src/ATen/native/cpu/DistributionTemplates.h): Box & Muller 1958, in two layouts.

/** Writes the pair of normals of two doubles in [0, 1): the cosine's at once, the sine's is kept by the caller. */
export function boxMullerPair(u1: number, u2: number): { readonly first: number; readonly second: number } {
  const radius = Math.sqrt(-2 * Math.log1p(-u2));
  const theta = 2 * Math.PI * u1;
  return { first: radius * Math.cos(theta), second: radius * Math.sin(theta) };
}

/** From this many values on, torch fills the tensor with uniforms and turns them into normals 16 at a time. */
export const VECTORISED_FROM = 16;

const TWO_PI_FLOAT = Math.fround(2 * Math.PI);
const { fround } = Math;

function turnBlock(out: Float32Array | Float64Array, start: number): void {
  for (let i = start; i < start + 8; i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - out[i]));
    const theta = 2 * Math.PI * out[i + 8];
    out[i] = radius * Math.cos(theta);
    out[i + 8] = radius * Math.sin(theta);
  }
}

/** The same with torch's roundings to float32 in between; its log, cos and sin are polynomials, good to about 1e-7. */
function turnFloatBlock(out: Float32Array, start: number): void {
  for (let i = start; i < start + 8; i++) {
    const radius = fround(Math.sqrt(fround(-2 * fround(Math.log(1 - out[i])))));
    const theta = fround(TWO_PI_FLOAT * out[i + 8]);
    out[i] = radius * fround(Math.cos(theta));
    out[i + 8] = radius * fround(Math.sin(theta));
  }
}

/**
 * Turns `out`, which holds uniforms in [0, 1), into normals in place, value i of each 16 with value i + 8. When the
 * length is no multiple of 16, the last 16 are drawn anew by `refill` and turned once more.
 */
export function turnIntoNormals<T extends Float32Array | Float64Array>(out: T, refill: (tail: T) => void): T {
  const turn = (block: number): void => {
    if (out instanceof Float32Array) turnFloatBlock(out, block);
    else turnBlock(out, block);
  };
  for (let block = 0; block + VECTORISED_FROM <= out.length; block += VECTORISED_FROM) turn(block);
  if (out.length % VECTORISED_FROM !== 0) {
    const last = out.length - VECTORISED_FROM;
    refill(out.subarray(last) as T);
    turn(last);
  }
  return out;
}
