// Prints comparison rows as a table that a researcher can read: n, difference, interval, verdict, and what is still needed.
import type { ComparisonRow } from '@reseed/api';
import { describeLevel, describeLevels } from '@reseed/experiment';
import Table from 'cli-table3';
import pc from 'picocolors';

const points = (fraction: number | null, digits = 2): string =>
  fraction === null ? '–' : `${fraction < 0 ? '−' : '+'}${Math.abs(100 * fraction).toFixed(digits)}`;

const interval = (bounds: readonly [number, number] | null): string =>
  bounds === null ? '–' : `[${points(bounds[0])}, ${points(bounds[1])}]`;

function verdictText(row: ComparisonRow): string {
  const text = `${row.verdict}${row.identical ? ' (identical)' : ''}${row.differs ? ' (differs)' : ''}`;
  switch (row.verdict) {
    case 'better':
      return pc.green(text);
    case 'worse':
      return pc.red(text);
    case 'equivalent':
      return pc.cyan(text);
    case 'undecided':
      return pc.yellow(text);
  }
}

/** What is compared: `inherited − modern, pad_crop(pad=1)`. */
export function describeComparison(row: ComparisonRow): string {
  const context = describeLevels(row.by);
  const difference = `${describeLevel(row.factor, row.level)} − ${describeLevel(row.factor, row.baseline)}`;
  return context === '' ? difference : `${difference}  (${context})`;
}

/** The table and, below it, the reason of every undecided row and every missing pair. Differences are percentage points. */
export function comparisonTable(rows: readonly ComparisonRow[]): string {
  const table = new Table({
    head: [
      'comparison',
      'role',
      'metric',
      'n',
      'Δ mean (pp)',
      '95 % interval (pp)',
      'margin',
      'p (Holm)',
      'verdict',
      'seeds needed',
    ],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'left', 'left', 'right', 'right', 'right', 'right', 'right', 'left', 'right'],
  });
  for (const row of rows) {
    table.push([
      describeComparison(row),
      row.role,
      row.metric,
      row.n,
      points(row.meanDifference),
      interval(row.ci95),
      `±${(100 * row.margin).toFixed(1)}`,
      row.pHolm === null ? '–' : row.pHolm.toFixed(3),
      verdictText(row),
      row.seedsNeeded ?? '–',
    ]);
  }
  const notes = rows.flatMap((row) => [
    ...(row.reason === null ? [] : [`  ${describeComparison(row)}: ${row.reason}`]),
    ...row.missing.map(
      (missing) => `  ${describeComparison(row)}: seed ${missing.seed} is not compared, ${JSON.stringify(missing)}`,
    ),
  ]);
  return [table.toString(), ...notes].join('\n');
}
