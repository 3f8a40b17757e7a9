// Finds why a well-formed condition cannot run: combinations of parameters that contradict each other or the dataset.
import { augmentationItems } from './augmentation-parameters.ts';
import { DATASET_FACTS } from './dataset-facts.ts';
import type { GridIssue } from './grid-error.ts';
import type { Condition } from './parameters.ts';

/** The conflicts of one condition; empty when it can run. */
export function findConflicts(condition: Condition): GridIssue[] {
  const issues: GridIssue[] = [];
  const conflict = (field: string, value: unknown, message: string) =>
    issues.push({ field, value, message: `${message}, got ${JSON.stringify(value)}` });
  const { dataset, loader, optimizer, attack, method } = condition;
  const facts = DATASET_FACTS[dataset.name];
  if (dataset.trainSize + dataset.validationSize > facts.trainImages) {
    conflict(
      'dataset.trainSize',
      dataset.trainSize,
      `trainSize + validationSize must be at most ${facts.trainImages} (${dataset.name}; validationSize is ${dataset.validationSize})`,
    );
  }
  if (dataset.testSize > facts.testImages)
    conflict('dataset.testSize', dataset.testSize, `must be at most ${facts.testImages} (${dataset.name})`);
  const samples = dataset.trainSize * loader.batchRepeat;
  if (loader.dropLast && condition.batchSize > samples) {
    const message = `must be at most ${samples} (trainSize × batchRepeat) when loader.dropLast is set, as no batch would be left`;
    conflict('batchSize', condition.batchSize, message);
  }
  if (condition.seedingMode === 'single_process' && loader.workers > 0) {
    conflict('loader.workers', loader.workers, 'must be 0 with seedingMode "single_process"');
  }
  if (condition.batchSize % loader.batchRepeat !== 0) {
    conflict('loader.batchRepeat', loader.batchRepeat, `must divide batchSize ${condition.batchSize}`);
  }
  if (condition.seedingMode === 'per_batch' && condition.augmentation !== 'none') {
    const message = 'must draw per batch with seedingMode "per_batch", which has no stream for a sample';
    conflict('augmentation', condition.augmentation, message);
  }
  if (optimizer.name === 'adam' && optimizer.momentum !== 0)
    conflict('optimizer.momentum', optimizer.momentum, 'must be 0 with optimizer "adam"');
  if (optimizer.nesterov && (optimizer.name !== 'sgd' || optimizer.momentum === 0)) {
    conflict('optimizer.nesterov', optimizer.nesterov, 'needs optimizer "sgd" with a momentum above 0');
  }
  if (method !== 'plain' && method !== attack.name)
    conflict('attack.name', attack.name, `must be "${method}" with method "${method}"`);
  if (attack.name === 'fgsm' && attack.steps !== 1)
    conflict('attack.steps', attack.steps, 'must be 1 with attack "fgsm"');
  const [height, width] = facts.imageShape;
  for (const item of augmentationItems(condition.augmentation)) {
    if (item.name === 'cutout' && item.length > Math.min(height, width)) {
      conflict('augmentation.length', item.length, `must be at most the image side ${Math.min(height, width)}`);
    }
  }
  return issues;
}
