// Signs of masked gradients as they are read: what was looked for in a run, and runs by what was found.
import type { EvaluatedWeights, MaskingGate } from '@reseed/experiment';
import type { Prisma } from './generated/client.ts';
import type { Database } from './open-database.ts';

/** What a run's gates came to; `unmeasured` too as long as it has no result. */
export const GATE_FINDINGS = ['failed', 'passed', 'unmeasured'] as const;
export type GateFinding = (typeof GATE_FINDINGS)[number];

/** The runs with this finding, as a condition on `run.gates_failed`. */
export function withFinding(finding: GateFinding): Prisma.RunWhereInput {
  switch (finding) {
    case 'failed':
      return { gatesFailed: { gt: 0 } };
    case 'passed':
      return { gatesFailed: 0 };
    case 'unmeasured':
      return { gatesFailed: null };
  }
}

/** By weights and name; empty where none was measured. */
export async function readGates(database: Database, runId: string): Promise<readonly MaskingGate[]> {
  const rows = await database.client.maskingGate.findMany({
    where: { runId },
    orderBy: [{ weights: 'asc' }, { gate: 'asc' }],
    omit: { runId: true, attempt: true },
  });
  return rows.map(({ weights, ...gate }) => ({ ...gate, weights: weights as EvaluatedWeights }));
}
