// The catalogue: everything a grid may hold, for people and programs.
import { catalogue } from '@reseed/experiment';
import { z } from 'zod';
import type { Api } from '../api-context.ts';
import { errorResponses } from '../errors/error-responses.ts';
import { noQuery } from './parameters.ts';

const jsonSchema = z.record(z.string(), z.unknown()).readonly().describe('JSON schema of one value');
const named = z.array(z.object({ name: z.string(), meaning: z.string() }));

const response = z.object({
  axes: z.array(
    z.object({
      name: z.string().describe('dotted name'),
      meaning: z.string(),
      unit: z.string().nullable(),
      default: z.string(),
      source: z.string().nullable(),
      schema: jsonSchema,
    }),
  ),
  augmentations: z.array(
    z.object({
      name: z.string(),
      meaning: z.string(),
      drawnIn: z.enum(['sample', 'batch']).describe('once per image, or once per batch (collate_fn)'),
      draws: z
        .enum(['choices', 'uniform', 'numpy_only'])
        .describe('choices among fixed options, uniform draws, or draws that only NumPy streams serve'),
      labels: z.enum(['hard', 'mixed']).describe('mixed: images of several classes are put together'),
      schema: jsonSchema,
    }),
  ),
  attacks: z
    .array(z.object({ name: z.string(), meaning: z.string(), source: z.string(), schema: jsonSchema }))
    .describe('what evaluation.attacks may hold'),
  seedingModes: named,
  datasets: z.array(
    z.object({
      name: z.string(),
      meaning: z.string(),
      source: z.string(),
      imageShape: z
        .array(z.int())
        .readonly()
        .nullable()
        .describe('height, width, channels; null for images, of which the grid says it'),
      classes: z.int().nullable().describe('null for images, of which the grid says it'),
      trainImages: z.int().nullable().describe('null for images, of which only the worker knows it'),
      testImages: z.int().nullable().describe('null for images, of which only the worker knows it'),
    }),
  ),
  models: z.array(
    z.object({
      name: z.string(),
      meaning: z.string(),
      source: z.string(),
      imageShape: z.array(z.int()).describe('height, width, channels of the images it was published for'),
      batchNorm: z.boolean(),
      dropout: z.boolean(),
    }),
  ),
  metrics: z.array(
    z.object({ name: z.string(), direction: z.enum(['higherIsBetter', 'lowerIsBetter']), meaning: z.string() }),
  ),
  failures: z.array(z.object({ name: z.string(), action: z.enum(['retry', 'fail', 'handBack']), meaning: z.string() })),
});

export function catalogueRoutes(app: Api): void {
  const answer = catalogue();
  app.get('/v1/catalogue', {
    schema: {
      tags: ['catalogue'],
      summary: 'Every axis, augmentation, attack, seeding mode, model, dataset and metric with its meaning and limits',
      querystring: noQuery,
      response: { 200: response, ...errorResponses('query_invalid') },
    },
    handler: () => answer,
  });
}
