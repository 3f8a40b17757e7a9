// Gauss-Legendre quadrature with 64 nodes (nodes by Newton's method on the Legendre polynomial).

const NODES = 64;

interface Node {
  /** On (-1, 1). */
  readonly position: number;
  readonly weight: number;
}

/** P_n(x) and its derivative by the three-term recurrence. */
function legendre(n: number, x: number): { value: number; slope: number } {
  let previous = 1;
  let value = x;
  for (let k = 2; k <= n; k++) [previous, value] = [value, ((2 * k - 1) * x * value - (k - 1) * previous) / k];
  return { value, slope: (n * (x * value - previous)) / (x * x - 1) };
}

function legendreNode(index: number): Node {
  let position = Math.cos((Math.PI * (index + 0.75)) / (NODES + 0.5));
  for (let step = 0; step < 6; step++) {
    const { value, slope } = legendre(NODES, position);
    position -= value / slope;
  }
  const { slope } = legendre(NODES, position);
  return { position, weight: 2 / ((1 - position * position) * slope * slope) };
}

const nodes: readonly Node[] = Array.from({ length: NODES }, (_, index) => legendreNode(index));

/** The integral of a smooth function over [low, high]; 0 when the range is empty. */
export function integrate(integrand: (x: number) => number, low: number, high: number): number {
  if (high <= low) return 0;
  const centre = 0.5 * (low + high);
  const half = 0.5 * (high - low);
  let sum = 0;
  for (const { position, weight } of nodes) sum += weight * integrand(centre + half * position);
  return half * sum;
}
