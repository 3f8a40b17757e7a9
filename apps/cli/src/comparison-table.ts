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
  const marks = { withheld: row.withheld, identical: row.identical, differs: row.differs };
  const set = Object.entries(marks).filter(([, isSet]) => isSet);
  const text = [row.verdict, ...set.map(([mark]) => `(${mark})`)].join(' ');
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

/** What the numbers of a row do not say, a line each: why it is undecided, what to beware of, which runs gave no number. */
function notesOf(row: ComparisonRow): string[] {
  const facts = [
    ...(row.reason === null ? [] : [row.reason]),
    ...row.warnings,
    ...row.missing.map(({ seed, side, reason }) => `seed ${seed} is not compared, ${side}: ${reason}`),
  ];
  return facts.map((fact) => `  ${describeComparison(row)}: ${fact}`);
}

/** The table and the notes of its rows below it. Differences are percentage points. */
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
  return [table.toString(), ...rows.flatMap(notesOf)].join('\n');
}
