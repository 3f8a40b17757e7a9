// One signed-gradient step inside the Linf ball and the unit box, in one pass (Madry et al. 2018, section 2.1).

/** out = clip01(clip(adversarial + stepSize * sign(gradient), clean - epsilon, clean + epsilon)); NaN stays NaN. */
export function stepAndProject(
  adversarial: usize,
  gradient: usize,
  clean: usize,
  out: usize,
  count: i32,
  stepSize: f32,
  epsilon: f32,
): void {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const up = f32x4.splat(stepSize);
  const radius = f32x4.splat(epsilon);
  for (; count >= 4; count -= 4) {
    const g = v128.load(gradient);
    const step = v128.bitselect(up, v128.and(f32x4.neg(up), f32x4.lt(g, zero)), f32x4.gt(g, zero));
    // g * 0 would turn an infinite gradient into NaN as well; the mask of g != g does not.
    const moved = v128.or(f32x4.add(v128.load(adversarial), step), f32x4.ne(g, g));
    const centre = v128.load(clean);
    const inBall = f32x4.min(f32x4.max(moved, f32x4.sub(centre, radius)), f32x4.add(centre, radius));
    v128.store(out, f32x4.min(f32x4.max(inBall, zero), one));
    adversarial += 16;
    gradient += 16;
    clean += 16;
    out += 16;
  }
  for (; count > 0; count--) {
    const g = load<f32>(gradient);
    const step: f32 = g > 0 ? stepSize : g < 0 ? -stepSize : g == 0 ? 0 : g;
    const centre = load<f32>(clean);
    const inBall = min<f32>(max<f32>(load<f32>(adversarial) + step, centre - epsilon), centre + epsilon);
    store<f32>(out, min<f32>(max<f32>(inBall, 0), 1));
    adversarial += 4;
    gradient += 4;
    clean += 4;
    out += 4;
  }
}
