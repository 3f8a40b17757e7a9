// The learning rate over the steps of a run: Rice et al. 2020 (piecewise, linear, cosine) and Smith's triangle (cyclic).
import type { Condition } from '@reseed/experiment';

/** Rounding slack, in steps: 0.55 · 100 is 55.00000000000001, yet step 55 is past that milestone. */
const MILESTONE_SLACK = 1e-9;

/**
 * The learning rate of step `step` (from 0) of `totalSteps`, before which the rate `base` holds.
 * linear: `base` for a third of the steps, a tenth of it at two thirds, a hundredth at the end, straight in between.
 */
export function learningRateAt(
  schedule: Condition['schedule'],
  base: number,
  step: number,
  totalSteps: number,
): number {
  const done = step / totalSteps;
  switch (schedule.name) {
    case 'constant':
      return base;
    case 'piecewise': {
      const passed = schedule.milestones.filter((at) => step >= at * totalSteps - MILESTONE_SLACK).length;
      return base * schedule.factor ** passed;
    }
    case 'cosine':
      return base * 0.5 * (1 + Math.cos(done * Math.PI));
    case 'linear': {
      const third = Math.floor(totalSteps / 3);
      const twoThirds = Math.floor((totalSteps * 2) / 3);
      if (step <= third) return base;
      if (step <= twoThirds) return interpolate(step, [third, base], [twoThirds, base / 10]);
      return interpolate(step, [twoThirds, base / 10], [totalSteps, base / 100]);
    }
    case 'cyclic': {
      const { peak } = schedule;
      return base * (done < peak ? done / peak : (1 - done) / (1 - peak));
    }
  }
}

function interpolate(x: number, [x0, y0]: readonly [number, number], [x1, y1]: readonly [number, number]): number {
  return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
}
