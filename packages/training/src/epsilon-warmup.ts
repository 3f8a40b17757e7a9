// The attack's strength over the steps of a run: without a linear warm-up, small networks stay at chance from ε = 0.2 on.

/**
 * The share of the attack's epsilon and step size in force at step `step` (from 0) of `totalSteps`:
 * min(1, (step + 1) / (fraction · totalSteps)); 1 throughout when `fraction` is 0.
 */
export function warmupShare(fraction: number, step: number, totalSteps: number): number {
  const warmupSteps = fraction * totalSteps;
  return warmupSteps === 0 ? 1 : Math.min(1, (step + 1) / warmupSteps);
}
