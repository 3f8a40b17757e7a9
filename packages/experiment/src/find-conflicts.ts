// Finds why a well-formed condition cannot run: combinations of parameters that contradict each other or the dataset.
import {
  AUGMENTATION_FACTS,
  type AugmentationFacts,
  type AugmentationItem,
  augmentationItems,
  type AugmentationName,
} from './augmentation-parameters.ts';
import { findAttackConflicts } from './evaluation-conflicts.ts';
import type { Conflict, GridIssue } from './grid-error.ts';
import { findDatasetConflicts, isDescribed } from './dataset-conflicts.ts';
import { datasetTraits } from './dataset-traits.ts';
import { MODEL_FACTS, type ModelFacts } from './model-facts.ts';
import type { Condition } from './parameters.ts';
import type { SeedingMode } from './seeding-mode.ts';

/** What a seeding mode cannot serve, and how that is worded. */
interface Refusal {
  readonly refuses: (facts: AugmentationFacts) => boolean;
  readonly must: string;
}

const uniformDrawsOnly = (generator: string): Refusal => ({
  refuses: ({ draws }) => draws === 'numpy_only',
  must: `must not draw beta, normal or permutation, which ${generator} does not serve,`,
});

const REFUSALS: Partial<Record<SeedingMode, Refusal>> = {
  per_batch: {
    refuses: ({ drawnIn }) => drawnIn === 'sample',
    must: 'must draw per batch',
  },
  main_precomputed: {
    refuses: ({ drawnIn, draws }) => drawnIn === 'batch' || draws !== 'choices',
    must: 'must draw per sample, and choices among fixed options only,',
  },
  torch_rng: uniformDrawsOnly('torch’s generator'),
  python_rng: uniformDrawsOnly('Python’s random'),
  jax_fold_in: uniformDrawsOnly('jax.random'),
};

/** Seeding modes serve only some kinds of draws, and samples are drawn before their batch. */
function findDrawConflicts({ augmentation, seedingMode }: Condition, conflict: Conflict): void {
  const names = augmentationItems(augmentation).map(({ name }) => name);
  const refusal = REFUSALS[seedingMode];
  const refused = names.filter((name) => refusal?.refuses(AUGMENTATION_FACTS[name]) ?? false);
  if (refusal !== undefined && refused.length > 0) {
    const message = `${refusal.must} with seedingMode "${seedingMode}"; ${[...new Set(refused)].join(' and ')} cannot`;
    conflict('augmentation', augmentation, message);
  }
  const perBatch = (name: AugmentationName) => AUGMENTATION_FACTS[name].drawnIn === 'batch';
  const first = names.findIndex(perBatch);
  const late = first < 0 ? undefined : names.slice(first).find((name) => !perBatch(name));
  if (late !== undefined) {
    const message = `must have what draws per sample first; ${late} stands after ${names[first]}, which draws per batch`;
    conflict('augmentation', augmentation, message);
  }
}

/** Sizes of one item against the shorter side of the image, in pixels. */
function findSizeConflicts(item: AugmentationItem, side: number, conflict: Conflict): void {
  const atMostSide = (field: string, value: number | undefined) => {
    if (value !== undefined && value > side) conflict(field, value, `must be at most the image side ${side}`);
  };
  if (item.name === 'cutout' || item.name === 'cutout_inside') atMostSide('augmentation.length', item.length);
  if (item.name === 'cutmix_sample' || item.name === 'cutmix_batch') atMostSide('augmentation.window', item.window);
  if (item.name === 'cropshift' || item.name === 'idbh') {
    atMostSide('augmentation.high', item.high);
    if (item.low > item.high) conflict('augmentation.low', item.low, `must be at most high, which is ${item.high}`);
    // `low` alone is cropped where the two are equal, and something must be left of the image.
    if (item.low >= side) conflict('augmentation.low', item.low, `must be less than the image side ${side}`);
  }
}

const mixesLabels = (augmentation: Condition['augmentation']): boolean =>
  augmentationItems(augmentation).some(({ name }) => AUGMENTATION_FACTS[name].labels === 'mixed');

/** A perturbation of an image cannot exceed 1 in any pixel; its length can. */
function findForceConflicts({ attack, evaluation }: Condition, conflict: Conflict): void {
  if (attack.norm !== 'linf') return;
  const fields = { 'attack.epsilon': attack.epsilon, 'evaluation.epsilon': evaluation.epsilon };
  for (const [field, value] of Object.entries(fields)) {
    if (value > 1) conflict(field, value, 'must be at most 1 with norm "linf"');
  }
}

/** Free adversarial training carries one L∞ perturbation from batch to batch, from zero on. */
function findFreeConflicts({ attack }: Condition, conflict: Conflict): void {
  const { norm, steps, init } = attack;
  if (norm !== 'linf') conflict('attack.norm', norm, 'must be "linf" with method "free"');
  if (steps !== 1) conflict('attack.steps', steps, 'must be 1 with method "free"; attack.replays says how often');
  if (init !== 'zero') conflict('attack.init', init, 'must be "zero" with method "free"');
}

/** The conflicts of one condition; empty when it can run. */
export function findConflicts(condition: Condition): GridIssue[] {
  const issues: GridIssue[] = [];
  const conflict: Conflict = (field, value, message) =>
    issues.push({ field, value, message: `${message}, got ${JSON.stringify(value)}` });
  const { dataset, loader, optimizer, attack, method } = condition;
  issues.push(...findDatasetConflicts(dataset));
  const described = isDescribed(dataset);
  const { imageShape, classes } = datasetTraits(dataset);
  const { leastSide = 0, fewestPixels = 0 }: ModelFacts = MODEL_FACTS[condition.model];
  const sides = [imageShape[0], imageShape[1]];
  if (described && sides.some((length) => length < leastSide && (leastSide - length) % 2 === 1)) {
    const limit = `takes images with sides of ${leastSide} pixels or an even number of pixels less`;
    conflict('model', condition.model, `${limit}, ${dataset.name} has ${imageShape.join('×')}`);
  }
  if (described && Math.min(...sides) < fewestPixels) {
    const limit = `takes images with sides of at least ${fewestPixels} pixels`;
    conflict('model', condition.model, `${limit}, ${dataset.name} has ${imageShape.join('×')}`);
  }
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
  findDrawConflicts(condition, conflict);
  if (optimizer.name === 'adam' && optimizer.momentum !== 0)
    conflict('optimizer.momentum', optimizer.momentum, 'must be 0 with optimizer "adam"');
  if (optimizer.nesterov && (optimizer.name !== 'sgd' || optimizer.momentum === 0)) {
    conflict('optimizer.nesterov', optimizer.nesterov, 'needs optimizer "sgd" with a momentum above 0');
  }
  const crafted = method === 'fgsm' ? 'fgsm' : 'pgd';
  if (method !== 'plain' && attack.name !== crafted)
    conflict('attack.name', attack.name, `must be "${crafted}" with method "${method}"`);
  findForceConflicts(condition, conflict);
  if (described) findAttackConflicts(condition, classes, conflict);
  if (method === 'free') findFreeConflicts(condition, conflict);
  else if (attack.replays !== 1)
    conflict('attack.replays', attack.replays, `must be 1 with method "${method}"; only "free" replays batches`);
  const twoPass = method === 'trades' || method === 'mart';
  if (!twoPass && condition.beta !== 0) conflict('beta', condition.beta, `must be 0 with method "${method}"`);
  if (condition.awp.gamma > 0 && (method === 'plain' || method === 'fgsm' || method === 'free'))
    conflict('awp.gamma', condition.awp.gamma, `must be 0 with method "${method}"`);
  if (method === 'mart' && mixesLabels(condition.augmentation))
    conflict('method', method, 'needs hard labels, but the augmentation mixes them');
  if (method === 'mart' && condition.labelSmoothing > 0)
    conflict('labelSmoothing', condition.labelSmoothing, 'must be 0 with method "mart", which needs hard labels');
  if (attack.stepRule === 'adam' && (attack.name === 'fgsm' || method === 'free'))
    conflict('attack.stepRule', attack.stepRule, 'must be "steepest" with attack "fgsm" and with method "free"');
  if (attack.name === 'fgsm' && attack.steps !== 1)
    conflict('attack.steps', attack.steps, 'must be 1 with attack "fgsm"');
  const side = Math.min(...sides);
  const items = described ? augmentationItems(condition.augmentation) : [];
  for (const item of items) findSizeConflicts(item, side, conflict);
  return issues;
}
