// The shapes in which final evaluations and gates are asked for and answered.
import type { EvaluationName, StoredEvaluation } from '@reseed/database';
import { describeLevels, EVALUATED_WEIGHTS } from '@reseed/experiment';
import { wilsonInterval } from '@reseed/statistics';
import { z } from 'zod';
import { pageLimit } from './parameters.ts';

const fraction = z.number();
const weights = z.enum(EVALUATED_WEIGHTS).describe('of the last epoch or the best one; Wa: averaged');
const attack = z.string().describe('clean, tracking, or the id of an attack of the grid');
const stage = z
  .string()
  .nullable()
  .describe('stage of a protocol of several attacks; null for an evaluation as a whole');

export const runEvaluations = z.object({
  items: z
    .array(
      z.object({
        weights,
        attack,
        stage,
        images: z.int().describe('the first so many of the test set'),
        accuracy: fraction,
        wilson95: z
          .tuple([fraction, fraction])
          .readonly()
          .describe('binomial error of this one evaluation; says nothing about the spread over seeds'),
        seconds: z.number(),
      }),
    )
    .readonly(),
});

export const evaluationQuery = z.strictObject({
  weights,
  attack,
  stage: z.string().default('').describe('left out or empty: the evaluation as a whole'),
});

export const correctBits = z.object({
  weights,
  attack,
  stage,
  images: z.int(),
  correct: z
    .string()
    .describe('base64: one bit per image, the first in the lowest bit of the first byte, 1 where it is correct'),
});

export const runGates = z.object({
  items: z
    .array(
      z.object({
        weights,
        gate: z.string(),
        passed: z.boolean(),
        measured: z.number().nullable().describe('null where it is not a finite number'),
        limit: z.number().nullable().describe('the largest value that passes'),
      }),
    )
    .readonly(),
});

export const conditionEvaluationsQuery = z.strictObject({
  weights: weights.optional(),
  attack: attack.optional(),
  stage: z.string().optional().describe('empty: only evaluations as a whole'),
  limit: pageLimit,
  cursor: z.coerce.number().int().min(0).optional().describe('the nextCursor of the page before'),
});

export const conditionEvaluations = z.object({
  items: z
    .array(
      z.object({
        conditionId: z.uuid(),
        position: z.int(),
        label: z.string(),
        levels: z.record(z.string(), z.unknown()).readonly().describe('the value of every axis of the grid'),
        expected: z.int().describe('n when every seed has succeeded'),
        evaluations: z
          .array(
            z.object({
              weights,
              attack,
              stage,
              images: z.int(),
              n: z.int().describe('runs that have it'),
              mean: fraction.describe('of the accuracies, over the runs'),
              sd: z.number().nullable().describe('sample standard deviation over the runs; null for one run'),
            }),
          )
          .readonly(),
      }),
    )
    .describe('one per condition, those without a result too'),
  nextCursor: z.int().nullable(),
});

export const toRunEvaluation = (evaluation: StoredEvaluation) => ({
  ...evaluation,
  wilson95: wilsonInterval(Math.round(evaluation.accuracy * evaluation.images), evaluation.images),
});

/** JSON has no other numbers. */
export const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

export const askedEvaluation = (query: z.output<typeof evaluationQuery>): EvaluationName => ({
  ...query,
  stage: query.stage === '' ? null : query.stage,
});

export const labelled = <T extends { readonly levels: Readonly<Record<string, unknown>>; readonly runs: number }>({
  runs: expected,
  ...condition
}: T) => ({ ...condition, label: describeLevels(condition.levels), expected });
