// An audit as one sentence for a researcher.
import type { Audit } from './audit-run.ts';

function whole(value: number): string {
  return value.toLocaleString('en-US');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function usesSentence({ usesPerBlock: { least, most } }: Audit): string {
  if (most === 1) return 'no draw block was used twice';
  if (least === most) return `every draw block was used ${whole(least)} times`;
  return `a draw block was used ${whole(least)} to ${whole(most)} times`;
}

function withinEpoch({ duplicatedSharePerEpoch }: Audit): string {
  if (duplicatedSharePerEpoch === 0) return 'no duplicates inside an epoch';
  return `${percent(duplicatedSharePerEpoch)} duplicates inside each epoch`;
}

function acrossEpochs({ epochs, distinctBlocksPerEpoch, distinctBlocksPerRun }: Audit): string {
  const perEpoch = distinctBlocksPerEpoch.counted;
  const perRun = distinctBlocksPerRun.counted;
  if (epochs === 1) return 'only one epoch';
  if (perRun === perEpoch) return 'every epoch repeats the first';
  if (perRun === perEpoch * epochs) return 'no epoch repeats another';
  return 'epochs share some of their blocks';
}

/** One plain sentence, e.g. "inherited: 20,000 augmentation draws came from 250 distinct blocks: …". */
export function describeAudit(audit: Audit): string {
  const { seedingMode, drawsPerRun, distinctBlocksPerRun: blocks, agrees } = audit;
  if (drawsPerRun === 0)
    return `${seedingMode}: the augmentation draws nothing, so no seeding mode can change this run.`;
  const detail = audit.usesPerBlock.most === 1 ? '' : ` (${withinEpoch(audit)}; ${acrossEpochs(audit)})`;
  const sentence = `${seedingMode}: ${whole(drawsPerRun)} augmentation draws came from ${whole(blocks.counted)} distinct blocks: ${usesSentence(audit)}${detail}.`;
  if (agrees) return sentence;
  return `${sentence} This is not what the mode promises (${whole(blocks.closedForm)} distinct blocks): do not trust this run's randomness.`;
}
