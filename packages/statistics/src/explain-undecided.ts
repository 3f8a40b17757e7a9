// The plain-English reason why a comparison is undecided.
import type { Adjustment, AffectedSeed } from './comparison.ts';
import type { UndecidedCause } from './decide-verdict.ts';
import type { Measurement } from './measure-comparison.ts';
import type { SeedsNeeded } from './seeds-needed.ts';

/** A fraction as percentage points, with digits enough to tell it from the margin, and a real minus sign. */
function points(value: number, margin: number): string {
  const digits = Math.max(2, 1 - Math.floor(Math.log10(margin * 100)));
  const rounded = Number((value * 100).toFixed(Math.min(digits, 12)));
  return (rounded === 0 ? '0' : `${rounded}`).replace('-', '−');
}

function pText(p: number): string {
  return p >= 0.995 ? '1' : p.toFixed(p < 0.1 ? 3 : 2).replace(/^0/, '');
}

function list(seeds: readonly number[]): string {
  const plural = seeds.length === 1 ? 'seed' : 'seeds';
  const last = `${seeds.at(-1)}`;
  return `${plural} ${seeds.length === 1 ? last : `${seeds.slice(0, -1).join(', ')} and ${last}`}`;
}

function sides(affected: readonly AffectedSeed[]): string {
  const on = (which: AffectedSeed['which']) => affected.filter((one) => one.which === which).map((one) => one.seed);
  return (['level', 'baseline', 'both'] as const)
    .filter((which) => on(which).length > 0)
    .map((which) => `${which === 'both' ? 'both sides' : `the ${which}`} at ${list(on(which))}`)
    .join(', ');
}

function seedsText(needed: SeedsNeeded | null, n: number, unit: string): string {
  if (needed === null) return '';
  if (needed.kind === 'above-cap') return `; more than ${needed.cap.toLocaleString('en')} ${unit} would be needed`;
  if (needed.seeds > n) return `; about ${needed.seeds} ${unit} would settle it`;
  return `; ${needed.seeds} ${unit} usually settle a true difference of 0 or of the margin and there are ${n}, so it probably lies in between`;
}

function inconclusive(measurement: Measurement, pAdjusted: number | null, adjustment: Adjustment): string {
  const { input, ci90, pPairedT, n, seedsNeeded } = measurement;
  const { margin, paired } = input;
  const interval = ci90 === null ? '' : `[${points(ci90[0], margin)}, ${points(ci90[1], margin)}] pp `;
  const label = { holm: 'Holm-adjusted ', 'benjamini-hochberg': 'Benjamini-Hochberg-adjusted ', none: '' }[adjustment];
  const p = pAdjusted === null ? '' : ` and ${pAdjusted === pPairedT ? '' : label}p = ${pText(pAdjusted)}`;
  const unit = paired === 'paired' ? 'seeds' : 'seeds per arm';
  return `the 90 % interval ${interval}is not inside ±${points(margin, margin)} pp${p}${seedsText(seedsNeeded, n, unit)}`;
}

function tooFew({ input, n }: Measurement): string {
  if (input.paired === 'unpaired') return 'an arm has fewer than two finished runs, so its spread is unknown';
  return n === 0
    ? 'no seed has a value of the metric on both sides'
    : 'only one seed has a value of the metric on both sides, so the spread over seeds is unknown';
}

function noSpread({ input, n, meanDifference }: Measurement): string {
  if (input.paired === 'unpaired') return 'neither arm varies over its seeds, so the spread cannot be estimated';
  const difference = meanDifference === null ? '' : ` (${points(meanDifference, input.margin)} pp)`;
  return `all ${n} differences are the same${difference}, so the spread over seeds cannot be estimated`;
}

function main(
  measurement: Measurement,
  cause: UndecidedCause,
  pAdjusted: number | null,
  adjustment: Adjustment,
): string {
  switch (cause) {
    case 'unequal-divergence':
      return (
        `training diverged on ${sides(measurement.outcomes.diverged)}; divergence is an outcome, ` +
        'so the mean over the remaining runs would not compare like with like'
      );
    case 'too-few':
      return tooFew(measurement);
    case 'no-spread':
      return noSpread(measurement);
    case 'inconclusive':
      return inconclusive(measurement, pAdjusted, adjustment);
  }
}

/**
 * One sentence without a full stop: why the verdict is withheld, the cause with its numbers, then what is missing.
 * @returns null when the row is decided: there is no cause, and nothing withholds its verdict
 */
export function explainUndecided(
  measurement: Measurement,
  cause: UndecidedCause | null,
  pAdjusted: number | null,
  adjustment: Adjustment,
): string | null {
  const { input, outcomes } = measurement;
  const reasons = input.withheld === undefined ? [] : [input.withheld];
  if (cause !== null) reasons.push(main(measurement, cause, pAdjusted, adjustment));
  if (reasons.length === 0) return null;
  if (outcomes.missing.length > 0) reasons.push(`missing: ${sides(outcomes.missing)}`);
  return reasons.join('; ');
}
