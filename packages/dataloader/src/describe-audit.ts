// An audit as one sentence for a researcher.
import type { Audit, BlockCounts } from './audit.ts';
import type { Expected } from './closed-form.ts';

function whole(value: number): string {
  return value.toLocaleString('en-US');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function expectation(expected: Expected): string {
  if (typeof expected === 'number') return whole(expected);
  return `${whole(expected.atLeast)} to ${whole(expected.atMost)}`;
}

function usesSentence({ usesPerBlock: { least, most } }: BlockCounts): string {
  if (most === 1) return 'no draw block was used twice';
  if (least === most) return `every draw block was used ${whole(least)} times`;
  return `a draw block was used ${whole(least)} to ${whole(most)} times`;
}

function withinEpoch({ duplicatedSharePerEpoch }: BlockCounts): string {
  if (duplicatedSharePerEpoch === 0) return 'no duplicates inside an epoch';
  return `${percent(duplicatedSharePerEpoch)} duplicates inside each epoch`;
}

function acrossEpochs({ distinctBlocksPerEpoch, distinctBlocksPerRun }: BlockCounts, epochs: number): string {
  const perEpoch = distinctBlocksPerEpoch.counted;
  const perRun = distinctBlocksPerRun.counted;
  if (epochs === 1) return 'only one epoch';
  if (perRun === perEpoch) return 'every epoch repeats the first';
  if (perRun === perEpoch * epochs) return 'no epoch repeats another';
  return 'epochs share some of their blocks';
}

/** "20,000 augmentation draws came from 250 distinct blocks: …" */
function levelSentence(counts: BlockCounts, what: string, { epochsCounted, epochs }: Audit): string {
  const counted = epochsCounted < epochs ? ` of the first ${whole(epochsCounted)} epochs` : '';
  const draws = Math.round((counts.drawsPerRun / epochs) * epochsCounted);
  const detail =
    counts.usesPerBlock.most === 1 ? '' : ` (${withinEpoch(counts)}; ${acrossEpochs(counts, epochsCounted)})`;
  return `${whole(draws)} ${what}${counted} came from ${whole(counts.distinctBlocksPerRun.counted)} distinct blocks: ${usesSentence(counts)}${detail}`;
}

/** One plain sentence or two, e.g. "inherited: 20,000 augmentation draws came from 250 distinct blocks: …". */
export function describeAudit(audit: Audit): string {
  const { seedingMode, batchDraws, chanceStreamCollisions, identifiedBy, parametersMeasuredOn, agrees } = audit;
  const levels = [
    ...(audit.drawsPerRun > 0 ? [levelSentence(audit, 'augmentation draws', audit)] : []),
    ...(batchDraws === null ? [] : [levelSentence(batchDraws, 'draws per batch', audit)]),
  ];
  if (levels.length === 0) {
    return `${seedingMode}: the augmentation draws nothing, so no seeding mode can change this run.`;
  }
  const sentences = [`${seedingMode}: ${levels.join('; ')}.`];
  if (identifiedBy === 'stream_seed') {
    const measured = audit.drawsPerRun > 0 ? `, parameters were drawn for ${whole(parametersMeasuredOn)} images` : '';
    sentences.push(`Counted by the 128-bit seeds of the streams${measured}.`);
  }
  if (chanceStreamCollisions > 0) {
    sentences.push(`${whole(chanceStreamCollisions)} streams have another one's 32-bit seed by chance.`);
  }
  if (!agrees) {
    const promised = expectation(
      (audit.drawsPerRun > 0 ? audit : (batchDraws ?? audit)).distinctBlocksPerRun.closedForm,
    );
    sentences.push(
      `This is not what the mode promises (${promised} distinct blocks): do not trust this run's randomness.`,
    );
  }
  return sentences.join(' ');
}
