// Sums, maxima, minima and signs, element by element. The second operand may be one row that every row of the first meets,
// as a bias does. A NaN on either side of a maximum or minimum stays one, and +0 is larger than -0.

const ADD: i32 = 0;
const MAXIMUM: i32 = 1;
const MINIMUM: i32 = 2;

/** out[rows][columns] = a[rows][columns] + b[columns]; with one column b is one number. */
export function add(a: usize, b: usize, out: usize, rows: i32, columns: i32): void {
  if (columns == 1) withNumber(ADD, a, v128.load32_splat(b), out, rows);
  else withRow(ADD, a, b, out, rows, columns);
}

/** As add, with the larger of the two. */
export function maximum(a: usize, b: usize, out: usize, rows: i32, columns: i32): void {
  if (columns == 1) withNumber(MAXIMUM, a, v128.load32_splat(b), out, rows);
  else withRow(MAXIMUM, a, b, out, rows, columns);
}

/** As add, with the smaller of the two. */
export function minimum(a: usize, b: usize, out: usize, rows: i32, columns: i32): void {
  if (columns == 1) withNumber(MINIMUM, a, v128.load32_splat(b), out, rows);
  else withRow(MINIMUM, a, b, out, rows, columns);
}

/** out = 1 above 0, -1 below 0, else 0, also for NaN. */
export function sign(x: usize, out: usize, count: i32): void {
  for (; count >= 4; count -= 4, x += 16, out += 16) v128.store(out, signOf(v128.load(x)));
  for (; count > 0; count--, x += 4, out += 4) v128.store_lane<f32>(out, signOf(v128.load32_zero(x)), 0);
}

// @ts-ignore: decorator
@inline
function signOf(x: v128): v128 {
  const zero = f32x4.splat(0);
  const above = v128.and(f32x4.gt(x, zero), f32x4.splat(1));
  return v128.or(above, v128.and(f32x4.lt(x, zero), f32x4.splat(-1)));
}

/** The operation is a constant wherever this is called, so that the loops below hold one instruction, not a choice. */
// @ts-ignore: decorator
@inline
function combine(operation: i32, x: v128, y: v128): v128 {
  if (operation == ADD) return f32x4.add(x, y);
  return operation == MAXIMUM ? f32x4.max(x, y) : f32x4.min(x, y);
}

// @ts-ignore: decorator
@inline
function withNumber(operation: i32, a: usize, y: v128, out: usize, count: i32): void {
  for (; count >= 4; count -= 4, a += 16, out += 16) v128.store(out, combine(operation, v128.load(a), y));
  for (; count > 0; count--, a += 4, out += 4) {
    v128.store_lane<f32>(out, combine(operation, v128.load32_zero(a), y), 0);
  }
}

// @ts-ignore: decorator
@inline
function withRow(operation: i32, a: usize, b: usize, out: usize, rows: i32, columns: i32): void {
  for (let row = 0; row < rows; row++) {
    let from = b;
    let left = columns;
    for (; left >= 4; left -= 4, a += 16, from += 16, out += 16) {
      v128.store(out, combine(operation, v128.load(a), v128.load(from)));
    }
    for (; left > 0; left--, a += 4, from += 4, out += 4) {
      v128.store_lane<f32>(out, combine(operation, v128.load32_zero(a), v128.load32_zero(from)), 0);
    }
  }
}
