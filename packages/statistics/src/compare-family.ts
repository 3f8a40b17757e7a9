// Compares a whole family of levels with their baselines at once, adjusting for the number of comparisons.
import { benjaminiHochberg, holm } from './adjust-p-values.ts';
import type { Adjustment, ComparisonInput, ComparisonOutput, Role } from './comparison.ts';
import { decideVerdict } from './decide-verdict.ts';
import { DuplicateComparisonError } from './errors.ts';
import { explainUndecided } from './explain-undecided.ts';
import { measureComparison, type Measurement } from './measure-comparison.ts';

interface AdjustedPValues {
  readonly adjustment: Adjustment;
  readonly pAdjusted: number | null;
  readonly pTostHolm: number | null;
}

const ROLES: readonly Role[] = ['primary', 'control', 'exploratory'];
const OUTSIDE_FAMILY: AdjustedPValues = { adjustment: 'none', pAdjusted: null, pTostHolm: null };

/**
 * Adjusts within one family. A row without a p-value (too few pairs, no spread) still counts as declared, as if
 * its p were 1: otherwise a family would get more lenient by losing runs.
 */
function adjusted(
  family: readonly Measurement[],
  read: (row: Measurement) => number | null,
  adjust: (pValues: readonly number[]) => number[],
): (number | null)[] {
  const pValues = adjust(family.map((row) => read(row) ?? 1));
  return family.map((row, index) => (read(row) === null ? null : pValues[index]));
}

function adjustFamily(role: Role, family: readonly Measurement[]): AdjustedPValues[] {
  switch (role) {
    case 'primary':
    case 'control': {
      const differences = adjusted(family, (row) => row.pPairedT, holm);
      const equivalences = adjusted(family, (row) => row.pTost, holm);
      return differences.map((pAdjusted, index) => ({
        adjustment: pAdjusted === null ? 'none' : 'holm',
        pAdjusted,
        pTostHolm: equivalences[index],
      }));
    }
    case 'exploratory':
      return adjusted(family, (row) => row.pPairedT, benjaminiHochberg).map((pAdjusted) => ({
        adjustment: pAdjusted === null ? 'none' : 'benjamini-hochberg',
        pAdjusted,
        pTostHolm: null,
      }));
  }
}

function outputOf(measurement: Measurement, { adjustment, pAdjusted, pTostHolm }: AdjustedPValues): ComparisonOutput {
  const { input, outcomes, seedsNeeded, n, ...numbers } = measurement;
  const { id, role, metric, direction, margin, paired, withheld } = input;
  const decision = decideVerdict({
    n,
    unequalDivergence: outcomes.unequalDivergence,
    identical: numbers.identical,
    meanDifference: numbers.meanDifference,
    ci90: numbers.ci90,
    margin,
    pAdjusted,
    direction,
  });
  return {
    id,
    role,
    metric,
    direction,
    margin,
    paired,
    n,
    nLevel: outcomes.level.length,
    nBaseline: outcomes.baseline.length,
    ...numbers,
    adjustment,
    pAdjusted,
    pHolm: adjustment === 'holm' ? pAdjusted : null,
    pTostHolm,
    // Withheld or not, the row was declared: it stays in its family, or the others would look better without it.
    verdict: withheld === undefined ? decision.verdict : 'undecided',
    differs: withheld === undefined && decision.differs,
    reason: explainUndecided(measurement, decision.cause, pAdjusted, adjustment),
    seedsNeeded: seedsNeeded?.kind === 'seeds' ? seedsNeeded.seeds : null,
    pairs: outcomes.pairs,
    missing: outcomes.missing,
    diverged: outcomes.diverged,
  };
}

/**
 * Compares level with baseline in every row, in the order given. Primary rows form one Holm family, control rows
 * another; exploratory rows get Benjamini-Hochberg and say so. Identical rows are outside their family.
 * @throws DuplicateComparisonError, DuplicateSeedError, OutOfRangeError for rows that cannot be read.
 */
export function compareFamily(rows: readonly ComparisonInput[]): ComparisonOutput[] {
  const ids = new Set<string>();
  for (const { id } of rows) {
    if (ids.has(id)) throw new DuplicateComparisonError(id);
    ids.add(id);
  }
  const measurements = rows.map(measureComparison);
  const pValues = new Map<Measurement, AdjustedPValues>();
  for (const role of ROLES) {
    const family = measurements.filter((row) => row.input.role === role && !row.identical);
    const adjustedFamily = adjustFamily(role, family);
    for (const [index, row] of family.entries()) pValues.set(row, adjustedFamily[index]);
  }
  return measurements.map((row) => outputOf(row, pValues.get(row) ?? OUTSIDE_FAMILY));
}
