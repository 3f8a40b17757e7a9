// The public surface of the statistics.
export { benjaminiHochberg, holm } from './adjust-p-values.ts';
export { compareFamily } from './compare-family.ts';
export type {
  Adjustment,
  AffectedSeed,
  ComparisonInput,
  ComparisonOutput,
  Direction,
  Outcome,
  Pairing,
  Role,
  SeedOutcomes,
  Verdict,
} from './comparison.ts';
export { type EquivalenceTest, pairedEquivalenceTest, welchEquivalenceTest } from './equivalence-test.ts';
export { DuplicateComparisonError, DuplicateSeedError, OutOfRangeError, TooFewValuesError } from './errors.ts';
export { type Estimate, pairedEstimate, welchEstimate } from './estimate.ts';
export { incompleteBeta } from './incomplete-beta.ts';
export { normalCdf, normalQuantile } from './normal-distribution.ts';
export { equivalencePower, type PowerQuestion, tTestPower } from './power.ts';
export {
  SEEDS_CAP,
  type SeedsNeeded,
  type Spread,
  seedsForDifference,
  seedsForEquivalence,
  seedsNeeded,
} from './seeds-needed.ts';
export { minAttainableP, type SignFlipTest, signFlipTest } from './sign-flip-test.ts';
export { studentTCdf, studentTQuantile } from './student-t-distribution.ts';
export { cohenDz, type Summary, summarize } from './summarize.ts';
export { type Interval, tInterval } from './t-interval.ts';
export { pairedTTest, type TTest, welchTTest } from './t-test.ts';
export { wilsonInterval } from './wilson-interval.ts';
