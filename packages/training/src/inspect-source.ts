// What the first images of a source show about a model: whether its outputs and gradients are what attacks take them for.
import { inspectRun, type ModelFlags } from '@reseed/attacks';
import { ATTACK_NORMS } from './attack-norm.ts';
import type { AttackedModel } from './attack-source.ts';
import { plainImages } from './evaluation-images.ts';

/** As many as AutoAttack's code looks at: its batch. */
const INSPECTED = 250;

/** Looks at the first 250 images, batch by batch. */
export async function inspectSource(model: AttackedModel, epsilon: number): Promise<ModelFlags> {
  const total = Math.min(INSPECTED, model.source.labels.length);
  const seen = { softmaxOutput: true, randomized: false, zeroGradients: 0 };
  for (let first = 0; first < total; first += model.batchSize) {
    const count = Math.min(model.batchSize, total - first);
    const flags = await inspectBatch(model, epsilon, first, count);
    seen.softmaxOutput &&= flags.softmaxOutput;
    seen.randomized ||= flags.randomized;
    seen.zeroGradients += Math.round(flags.zeroGradientShare * count);
  }
  const { softmaxOutput, randomized, zeroGradients } = seen;
  return { softmaxOutput, randomized, zeroGradientShare: zeroGradients / total };
}

async function inspectBatch(
  { logits, source, facts, norm, seed, border }: AttackedModel,
  epsilon: number,
  first: number,
  count: number,
): Promise<ModelFlags> {
  const { images, labels } = plainImages(source, facts, first, count);
  const threat = { norm: ATTACK_NORMS[norm], epsilon, seed };
  try {
    return await inspectRun({ logits, images, labels, threat, border });
  } finally {
    images.dispose();
    labels.dispose();
  }
}
