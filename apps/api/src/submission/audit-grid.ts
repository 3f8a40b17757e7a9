// The audit of a grid before it runs: for each of its conditions, what the random draws of one run would repeat.
import { compileAugmentation } from '@reseed/augmentation';
import { type Audit, auditRun, describeAudit } from '@reseed/dataloader';
import { canonicalJson, type Condition, datasetTraits, findConflicts } from '@reseed/experiment';

/** Drawing is exact and takes time; a dry run may take about a second of it. Larger grids are audited as they run. */
const DRAW_BUDGET = 1_000_000;

export interface AuditedConditions {
  /** positions of the conditions that draw alike */
  readonly conditions: readonly number[];
  /** null when the draws of the whole grid are too many for a dry run; every run is audited before it trains */
  readonly audit: Audit | null;
  readonly summary: string;
}

/** What decides the draws of a run, besides its seed. */
const drawsOf = ({ dataset, augmentation, seedingMode, epochs, batchSize, loader }: Condition) => {
  const { imageShape, classes } = datasetTraits(dataset);
  const images = { imageShape, classes, size: dataset.trainSize };
  return canonicalJson({ images, augmentation, seedingMode, epochs, batchSize, loader });
};

function auditCondition(condition: Condition, seed: number): Audit {
  const { dataset, augmentation, seedingMode, epochs, batchSize, loader } = condition;
  const { imageShape, classes } = datasetTraits(dataset);
  const draws = compileAugmentation(augmentation, imageShape, { classes, sampleCount: dataset.trainSize });
  return auditRun({ seed, epochs, sampleCount: dataset.trainSize, batchSize, loader, seedingMode, draws });
}

/** Conditions that cannot run are left out. @param seed the grid's first */
export function auditGrid(conditions: readonly Condition[], seed: number): AuditedConditions[] {
  const groups = new Map<string, number[]>();
  conditions.forEach((condition, position) => {
    if (findConflicts(condition).length > 0) return;
    const key = drawsOf(condition);
    groups.set(key, [...(groups.get(key) ?? []), position]);
  });
  let budget = DRAW_BUDGET;
  return [...groups.values()].map((positions) => {
    const condition = conditions[positions[0]];
    const draws = condition.dataset.trainSize * condition.loader.batchRepeat * condition.epochs;
    if (condition.augmentation !== 'none') budget -= draws;
    if (budget < 0) {
      const summary = `${condition.seedingMode}: ${draws.toLocaleString('en-US')} draws a run are audited when the run starts.`;
      return { conditions: positions, audit: null, summary };
    }
    const audit = auditCondition(condition, seed);
    return { conditions: positions, audit, summary: describeAudit(audit) };
  });
}
