// How fast each model trains on the workers of this installation, from the runs that finished last.
import type { Database } from './open-database.ts';

/** Newer hardware and newer code should show soon. */
const RUNS_CONSIDERED = 500;

/** Mean imagePassesPerSecond by model name; a model without a finished run has no entry. */
export async function trainingSpeeds({ client }: Database): Promise<ReadonlyMap<string, number>> {
  const rows = await client.$queryRaw<{ model: string; speed: number }[]>`
    SELECT condition.spec->>'model' AS model, avg(latest.image_passes_per_second) AS speed
    FROM (SELECT condition_id, image_passes_per_second FROM run
          WHERE state = 'succeeded' ORDER BY finished_at DESC LIMIT ${RUNS_CONSIDERED}) AS latest
    JOIN condition ON condition.id = latest.condition_id
    GROUP BY 1`;
  return new Map(rows.map(({ model, speed }) => [model, speed]));
}
