// The projection that FAB is made of (Croce & Hein 2020, "Minimally distorted", eq. 4): onto a hyperplane within [0, 1]^d.
import type { Norm } from './ball.ts';

export interface HyperplaneProblem {
  readonly norm: Norm;
  /** pixels in [0, 1] */
  readonly point: Float32Array;
  /** w, the hyperplane's normal; same length as the point */
  readonly normal: Float32Array;
  /** w·z − b at the point: how far, and on which side, the hyperplane is */
  readonly residual: number;
}

/**
 * Writes the shortest move (in the problem's norm) from the point to the part of the hyperplane inside the box into
 * `out`; where no such part exists, the move to the corner nearest to it. Returns the length of the move.
 *
 * Every optimal move is d_i(λ) = −sign(residual·w_i) · min(λ·u_i, room_i) with u = 1 for L∞ and |w| for L2, and what it
 * gains, Σ |w_i|·|d_i(λ)|, is concave and piecewise linear in λ. Newton's method from 0 therefore never overshoots and
 * ends at the exact λ after finitely many passes.
 */
export function projectOntoHyperplane(problem: HyperplaneProblem, out: Float64Array): number {
  return moveBy(exactReach(problem), problem, out);
}

/** The λ of the move; infinite where even the move to the corner falls short. */
function exactReach({ norm, point, normal, residual }: HyperplaneProblem): number {
  const need = Math.abs(residual);
  // Of every pixel that can still move: what it gains per λ, where its room ends, and what it has gained then.
  const [rates, limits, fulls] = Array.from({ length: 3 }, () => new Float64Array(point.length));
  let active = 0;
  for (let i = 0; i < point.length; i++) {
    const weight = Math.abs(normal[i]);
    if (weight === 0) continue;
    const unit = norm === 'Linf' ? 1 : weight;
    const room = roomOf(point[i], normal[i] * residual);
    rates[active] = weight * unit;
    limits[active] = room / unit;
    fulls[active++] = weight * room;
  }
  let reach = 0;
  let spent = 0;
  for (let pass = 0; ; pass++) {
    let kept = 0;
    let slope = 0;
    for (let k = 0; k < active; k++) {
      if (limits[k] <= reach) {
        spent += fulls[k];
        continue;
      }
      slope += rates[k];
      rates[kept] = rates[k];
      limits[kept] = limits[k];
      fulls[kept++] = fulls[k];
    }
    // Nothing more ran out of room: the last step was exact.
    const settled = pass > 0 && kept === active;
    if (settled || spent + slope * reach >= need) return reach;
    if (kept === 0) return Number.POSITIVE_INFINITY;
    active = kept;
    reach = (need - spent) / slope;
  }
}

/** How far a pixel can move against `slope` before it leaves [0, 1]. */
function roomOf(pixel: number, slope: number): number {
  return slope > 0 ? pixel : 1 - pixel;
}

function moveBy(reach: number, { norm, point, normal, residual }: HyperplaneProblem, out: Float64Array): number {
  let length = 0;
  for (let i = 0; i < point.length; i++) {
    const slope = normal[i] * residual;
    if (slope === 0) {
      out[i] = 0;
      continue;
    }
    const unit = norm === 'Linf' ? 1 : Math.abs(normal[i]);
    const size = Math.min(reach * unit, roomOf(point[i], slope));
    out[i] = slope > 0 ? -size : size;
    length = norm === 'Linf' ? Math.max(length, size) : length + size * size;
  }
  return norm === 'Linf' ? length : Math.sqrt(length);
}
