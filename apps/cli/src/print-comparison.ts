// Prints what a finished experiment says: the comparison and the audit of its randomness.
import type { AuditView, ComparisonRow } from '@reseed/api';
import pc from 'picocolors';
import { type ApiClient, experimentPath } from './api-client.ts';
import { comparisonTable } from './comparison-table.ts';

export async function printComparison(client: ApiClient, id: string): Promise<void> {
  const { rows } = await client.call<{ rows: ComparisonRow[] }>('GET', experimentPath(id, 'comparison'));
  if (rows.length === 0)
    console.log('The grid declares no comparison. Ask for one: /v1/experiments/:id/comparison?factor=…&baseline=…');
  else console.log(comparisonTable(rows));
}

export async function printAudit(client: ApiClient, id: string): Promise<void> {
  const { conditions } = await client.call<AuditView>('GET', experimentPath(id, 'audit'));
  console.log(pc.bold('What the randomness did (counted, before training):'));
  for (const { label, summary } of conditions) console.log(`  ${summary ?? `${label}: not counted yet`}`);
}
