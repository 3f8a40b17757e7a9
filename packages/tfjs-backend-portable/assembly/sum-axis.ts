// Sum over the middle axis of [outer, reduce, inner], in blocks so that rounding grows with the block, not the length.

const BLOCK: i32 = 128;

/** out is [outer, inner]; each block of 128 terms is summed on its own and then added to the total. */
export function sumAxis(x: usize, out: usize, outer: i32, reduce: i32, inner: i32): void {
  const pitch = (<usize>inner) << 2;
  for (let o = 0; o < outer; o++, out += pitch) {
    for (let start = 0; start < reduce; start += BLOCK) {
      const rows = min(BLOCK, reduce - start);
      if (inner == 1) {
        const total = sumRun(x, rows);
        store<f32>(out, start ? load<f32>(out) + total : total);
      } else {
        sumRows(x, out, rows, inner, start > 0);
      }
      x += <usize>rows * pitch;
    }
  }
}

function sumRun(x: usize, count: i32): f32 {
  let lanes = f32x4.splat(0);
  for (; count >= 4; count -= 4, x += 16) lanes = f32x4.add(lanes, v128.load(x));
  let total = f32x4.extract_lane(lanes, 0) + f32x4.extract_lane(lanes, 1);
  total += f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3);
  for (; count > 0; count--, x += 4) total += load<f32>(x);
  return total;
}

function sumRows(x: usize, out: usize, rows: i32, inner: i32, accumulate: bool): void {
  const pitch = (<usize>inner) << 2;
  let column = 0;
  for (; column + 4 <= inner; column += 4, x += 16, out += 16) {
    let total = f32x4.splat(0);
    let from = x;
    for (let row = 0; row < rows; row++, from += pitch) total = f32x4.add(total, v128.load(from));
    v128.store(out, accumulate ? f32x4.add(v128.load(out), total) : total);
  }
  for (; column < inner; column++, x += 4, out += 4) {
    let total: f32 = 0;
    let from = x;
    for (let row = 0; row < rows; row++, from += pitch) total += load<f32>(from);
    store<f32>(out, accumulate ? load<f32>(out) + total : total);
  }
}
