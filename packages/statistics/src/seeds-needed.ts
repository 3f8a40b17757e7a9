// The smallest number of seeds that would settle a comparison: 80 % power of TOST and of the t test.
import { OutOfRangeError } from './errors.ts';
import { welchDegreesOfFreedom } from './estimate.ts';
import { equivalencePower, type PowerQuestion, tTestPower } from './power.ts';

export const SEEDS_CAP = 10_000;
const POWER = 0.8;
const ALPHA = 0.05;

/** 'above-cap': more than cap seeds, so the number itself was not looked for. */
export type SeedsNeeded =
  | { readonly kind: 'seeds'; readonly seeds: number }
  | { readonly kind: 'above-cap'; readonly cap: number };

/**
 * The spread a plan counts with: the SD of paired differences, or the SDs of two independent arms of n seeds each.
 */
export type Spread =
  | { readonly design: 'paired'; readonly sd: number }
  | { readonly design: 'unpaired'; readonly levelSd: number; readonly baselineSd: number };

interface Plan {
  readonly sd: number;
  readonly degreesOfFreedom: (n: number) => number;
}

function planFor(spread: Spread): Plan {
  switch (spread.design) {
    case 'paired':
      return { sd: spread.sd, degreesOfFreedom: (n) => n - 1 };
    case 'unpaired': {
      const { levelSd, baselineSd } = spread;
      return {
        sd: Math.hypot(levelSd, baselineSd),
        degreesOfFreedom: (n) => welchDegreesOfFreedom([levelSd ** 2, baselineSd ** 2], [n, n]),
      };
    }
  }
}

/** Whether n seeds suffice, which stays true for every larger n once it is (see the test of the power). */
type Enough = (n: number) => boolean;

/** Smallest n from 2 to cap that is enough, by steps of 1, 2, 4, … up and then down from a guess; null when even cap is not. */
function smallest(enough: Enough, guess: number, cap: number): number | null {
  const start = Math.min(Math.max(Math.ceil(guess), 2), cap);
  let failing = 1;
  let holding = start;
  for (let step = 1; !enough(holding); step *= 2) {
    if (holding === cap) return null;
    failing = holding;
    holding = Math.min(holding + step, cap);
  }
  for (let step = 1; failing < holding - step; step *= 2) {
    if (!enough(holding - step)) failing = holding - step;
    else holding -= step;
  }
  while (holding - failing > 1) {
    const middle = Math.floor((failing + holding) / 2);
    if (enough(middle)) holding = middle;
    else failing = middle;
  }
  return holding;
}

function enoughFor(power: (question: PowerQuestion) => number, plan: Plan, effect: number): Enough {
  return (n) => {
    const degreesOfFreedom = plan.degreesOfFreedom(n);
    return power({ ratio: (effect * Math.sqrt(n)) / plan.sd, degreesOfFreedom, alpha: ALPHA }) >= POWER;
  };
}

/** What n would be if the SD were known: (z.95 + z.90)² (SD / margin)², which is at most a few too small. */
function guessFor(plan: Plan, effect: number): number {
  return 8.564 * (plan.sd / effect) ** 2;
}

/**
 * Seeds (per arm) for 80 % power of TOST at alpha .05 when the true difference is 0; null above the cap.
 * @throws OutOfRangeError unless margin and SD are above 0.
 */
export function seedsForEquivalence(spread: Spread, margin: number, cap = SEEDS_CAP): number | null {
  const plan = planFor(spread);
  assertPlan(plan, margin, cap);
  return smallest(enoughFor(equivalencePower, plan, margin), guessFor(plan, margin), cap);
}

/**
 * Seeds (per arm) for 80 % power of the two-sided t test at alpha .05 when the true difference is effect; null above the cap.
 * @throws OutOfRangeError unless effect and SD are above 0.
 */
export function seedsForDifference(spread: Spread, effect: number, cap = SEEDS_CAP): number | null {
  const plan = planFor(spread);
  assertPlan(plan, effect, cap);
  return smallest(enoughFor(tTestPower, plan, effect), guessFor(plan, effect), cap);
}

/**
 * Smallest number of seeds (per arm, at least 2) with 80 % TOST power at a true difference of 0 and 80 % t-test power
 * at a true difference of the margin; null when the spread is 0, because then nothing is left to plan.
 * @param margin in the unit of the SD. @param cap largest number looked for, 10,000 unless told.
 * @throws OutOfRangeError unless margin > 0, SD >= 0 and cap >= 2.
 */
export function seedsNeeded(spread: Spread, margin: number, cap = SEEDS_CAP): SeedsNeeded | null {
  const plan = planFor(spread);
  if (plan.sd === 0) return null;
  assertPlan(plan, margin, cap);
  const equivalence = enoughFor(equivalencePower, plan, margin);
  const difference = enoughFor(tTestPower, plan, margin);
  const seeds = smallest((n) => equivalence(n) && difference(n), guessFor(plan, margin), cap);
  return seeds === null ? { kind: 'above-cap', cap } : { kind: 'seeds', seeds };
}

function assertPlan({ sd }: Plan, effect: number, cap: number): void {
  if (!(sd > 0 && Number.isFinite(sd))) throw new OutOfRangeError('sd', sd, 'above 0 and finite');
  if (!(effect > 0 && Number.isFinite(effect))) throw new OutOfRangeError('margin', effect, 'above 0 and finite');
  if (!(Number.isInteger(cap) && cap >= 2)) throw new OutOfRangeError('cap', cap, 'a whole number of at least 2');
}
