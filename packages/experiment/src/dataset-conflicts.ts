// Finds what a dataset block lacks, contradicts or asks too much of.
import { type DatasetBlock, datasetTraits, identityOf, type ImageIdentity } from './dataset-traits.ts';
import type { GridIssue } from './grid-error.ts';

interface SizedDataset extends DatasetBlock {
  readonly trainSize: number;
  readonly validationSize: number;
  readonly testSize: number;
}

const DESCRIBE_COMMAND = 'npx reseed data describe FOLDER';

/** Whether the block says what its images are: without that, nothing can be checked against their size. */
export const isDescribed = (dataset: DatasetBlock): boolean =>
  dataset.name !== 'images' || missingFields(dataset).length === 0;

const FIELDS = Object.keys(identityOf('images')) as (keyof ImageIdentity)[];

const missingFields = (dataset: DatasetBlock): (keyof ImageIdentity)[] =>
  FIELDS.filter((field) => dataset[field] === identityOf('images')[field]);

function findIdentityConflicts(dataset: DatasetBlock): GridIssue[] {
  if (dataset.name === 'images') {
    return missingFields(dataset).map((field) => ({
      field: `dataset.${field}`,
      message: `is missing; dataset.name "images" needs it, and ${DESCRIBE_COMMAND} prints it`,
    }));
  }
  const fixed = identityOf(dataset.name);
  return FIELDS.filter((field) => dataset[field] !== fixed[field]).map((field) => {
    const [must, got] = [fixed[field], dataset[field]].map((value) => JSON.stringify(value));
    return {
      field: `dataset.${field}`,
      value: dataset[field],
      message: `must be ${must} with dataset.name "${dataset.name}", got ${got}`,
    };
  });
}

/** Sizes against what the dataset has, where that is known; what a folder holds, the trainer checks. */
function findSplitConflicts(dataset: SizedDataset): GridIssue[] {
  const { name, trainSize, validationSize, testSize } = dataset;
  const { trainImages, testImages } = datasetTraits(dataset);
  const issues: GridIssue[] = [];
  if (trainImages !== null && trainSize + validationSize > trainImages) {
    const limit = `trainSize + validationSize must be at most ${trainImages} (${name}; validationSize is ${validationSize})`;
    issues.push({ field: 'dataset.trainSize', value: trainSize, message: `${limit}, got ${trainSize}` });
  }
  if (testImages !== null && testSize > testImages) {
    const message = `must be at most ${testImages} (${name}), got ${testSize}`;
    issues.push({ field: 'dataset.testSize', value: testSize, message });
  }
  return issues;
}

export function findDatasetConflicts(dataset: SizedDataset): GridIssue[] {
  return [...findIdentityConflicts(dataset), ...findSplitConflicts(dataset)];
}
