// What the first images of a source show about a model: whether its outputs and gradients are what attacks take them for.
import { inspectRun, type ModelFlags } from '@reseed/attacks';
import { ATTACK_NORMS } from './attack-norm.ts';
import type { AttackedModel } from './attack-source.ts';
import { plainImages } from './evaluation-images.ts';

/** As many as AutoAttack's code looks at: its batch. */
const INSPECTED = 250;

/** @param model its images that count are the first 250 */
export async function inspectSource(
  { logits, source, facts, norm, seed, border }: AttackedModel,
  epsilon: number,
): Promise<ModelFlags> {
  const { images, labels } = plainImages(source, facts, 0, Math.min(INSPECTED, source.labels.length));
  const threat = { norm: ATTACK_NORMS[norm], epsilon, seed };
  try {
    return await inspectRun({ logits, images, labels, threat, border });
  } finally {
    images.dispose();
    labels.dispose();
  }
}
