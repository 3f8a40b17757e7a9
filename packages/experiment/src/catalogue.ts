// The catalogue: every axis with its meaning, unit, default and limits, made from the one declaration.
import { z } from 'zod';
import { AUGMENTATION_FACTS, AUGMENTATION_SCHEMAS, type AugmentationName } from './augmentation-parameters.ts';
import { DATASET_FACTS } from './dataset-facts.ts';
import {
  EVALUATION_ATTACK_NAMES,
  EVALUATION_ATTACK_SCHEMAS,
  EVALUATION_ATTACK_SOURCES,
} from './evaluation-attack-schemas.ts';
import { IMAGES_CATALOGUE_ENTRY } from './dataset-traits.ts';
import { FAILURE_KINDS } from './failure.ts';
import { MODEL_FACTS } from './model-facts.ts';
import { AXES } from './parameters.ts';
import { METRICS } from './run-result.ts';
import { SEEDING_MODE_MEANINGS } from './seeding-mode.ts';

export interface CatalogueAxis {
  readonly name: string;
  readonly meaning: string;
  readonly unit: string | null;
  readonly default: string;
  readonly source: string | null;
  /** JSON schema of one value: type, enum, minimum, maximum */
  readonly schema: Readonly<Record<string, unknown>>;
}

function jsonSchema(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}

/** Everything a grid may hold, for people and programs. */
export function catalogue() {
  const named = (entries: Readonly<Record<string, string>>) =>
    Object.entries(entries).map(([name, meaning]) => ({ name, meaning }));
  return {
    axes: [...AXES].map(
      ([name, axis]): CatalogueAxis => ({
        name,
        meaning: axis.meaning,
        unit: axis.unit ?? null,
        default: axis.defaultText,
        source: axis.source ?? null,
        schema: jsonSchema(axis.schema),
      }),
    ),
    augmentations: (Object.keys(AUGMENTATION_SCHEMAS) as AugmentationName[]).map((name) => ({
      name,
      meaning: AUGMENTATION_SCHEMAS[name].description ?? '',
      ...AUGMENTATION_FACTS[name],
      schema: jsonSchema(AUGMENTATION_SCHEMAS[name]),
    })),
    attacks: EVALUATION_ATTACK_NAMES.map((name) => ({
      name,
      meaning: EVALUATION_ATTACK_SCHEMAS[name].description ?? '',
      source: EVALUATION_ATTACK_SOURCES[name],
      schema: jsonSchema(EVALUATION_ATTACK_SCHEMAS[name]),
    })),
    seedingModes: named(SEEDING_MODE_MEANINGS),
    datasets: [
      ...Object.entries(DATASET_FACTS).map(
        ([name, { meaning, source, imageShape, classes, trainImages, testImages }]) => ({
          name,
          meaning,
          source,
          imageShape: [...imageShape],
          classes,
          trainImages,
          testImages,
        }),
      ),
      IMAGES_CATALOGUE_ENTRY,
    ],
    models: Object.entries(MODEL_FACTS).map(([name, { meaning, source, imageShape, batchNorm, dropout }]) => ({
      name,
      meaning,
      source,
      imageShape: [...imageShape],
      batchNorm,
      dropout,
    })),
    metrics: Object.entries(METRICS).map(([name, { direction, meaning }]) => ({ name, direction, meaning })),
    failures: Object.entries(FAILURE_KINDS).map(([name, { action, meaning }]) => ({ name, action, meaning })),
  };
}
