// The final evaluations of a run as they are read, and the bits of one of them.
import type { EvaluatedWeights, FinalEvaluation } from '@reseed/experiment';
import type { Database } from './open-database.ts';

/** Without its bits, which are many and rarely wanted. */
export type StoredEvaluation = Omit<FinalEvaluation, 'correct'>;

export interface EvaluationName {
  readonly weights: EvaluatedWeights;
  readonly attack: string;
  /** null: the evaluation as a whole */
  readonly stage: string | null;
}

/** A key has no null: an evaluation as a whole is the stage without a name. */
export const storedStage = (stage: string | null): string => stage ?? '';
export const readStage = (stage: string): string | null => (stage === '' ? null : stage);

/** In the order of the result; empty until it is accepted. */
export async function readEvaluations(database: Database, runId: string): Promise<readonly StoredEvaluation[]> {
  const rows = await database.client.evaluation.findMany({
    where: { runId },
    orderBy: { position: 'asc' },
    omit: { runId: true, experimentId: true, attempt: true, position: true, correct: true },
  });
  return rows.map(({ weights, stage, ...numbers }) => ({
    ...numbers,
    weights: weights as EvaluatedWeights,
    stage: readStage(stage),
  }));
}

/**
 * Which images one evaluation of a run got right, or undefined when the run has no such evaluation.
 *
 * @returns one bit per image, the first in the lowest bit of the first byte
 */
export async function readCorrectBits(
  database: Database,
  runId: string,
  { weights, attack, stage }: EvaluationName,
): Promise<Pick<FinalEvaluation, 'images' | 'correct'> | undefined> {
  const row = await database.client.evaluation.findFirst({
    where: { runId, weights, attack, stage: storedStage(stage) },
    select: { images: true, correct: true },
  });
  return row ?? undefined;
}
