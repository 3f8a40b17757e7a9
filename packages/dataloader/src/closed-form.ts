// How many distinct draw blocks and streams a run must have, from its sizes and the meaning of its seeding mode alone.
import { countBatches, countSamples, samplesPerWorker } from './batches.ts';
import { orderOfEpoch } from './epoch-order.ts';
import type { LoaderOptions } from './loader-options.ts';
import { streamRule } from './stream-rule.ts';

export interface ClosedForm {
  /** The same in every epoch for every mode. */
  readonly distinctBlocksPerEpoch: number;
  readonly distinctBlocksPerRun: number;
  readonly distinctStreams: number;
}

/** Samples that are served at least once: all, unless dropLast leaves other ones out in every epoch. */
function countVisited(options: LoaderOptions<unknown>, epochs: number): number {
  const samples = countSamples(options);
  if (samples === options.sampleCount || options.loader.shuffle !== 'reshuffle') return samples;
  const visited = new Uint8Array(options.sampleCount);
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const index of orderOfEpoch(options, epoch).indices.subarray(0, samples)) visited[index] = 1;
  }
  return visited.reduce((sum, seen) => sum + seen, 0);
}

/**
 * With N samples an epoch, s_0 of them in worker 0, and E epochs: streams that workers share give s_0 blocks an epoch,
 * else N; streams that epochs share give an epoch's blocks in the whole run, else E times as many.
 * @throws as streamRule does
 */
export function closedForm(options: LoaderOptions<unknown>, epochs: number): ClosedForm {
  const rule = streamRule(options);
  const samples = countSamples(options);
  switch (rule.scope) {
    case 'run':
      return { distinctBlocksPerEpoch: samples, distinctBlocksPerRun: samples * epochs, distinctStreams: 1 };
    case 'worker': {
      const distinct = rule.acrossWorkers === 'same' ? samplesPerWorker(options)[0] : samples;
      const workers = rule.acrossWorkers === 'same' ? 1 : Math.min(options.loader.workers, countBatches(options));
      const times = rule.acrossEpochs === 'same' ? 1 : epochs;
      return {
        distinctBlocksPerEpoch: distinct,
        distinctBlocksPerRun: distinct * times,
        distinctStreams: workers * times,
      };
    }
    case 'sample': {
      const perRun = rule.acrossEpochs === 'same' ? countVisited(options, epochs) : samples * epochs;
      return { distinctBlocksPerEpoch: samples, distinctBlocksPerRun: perRun, distinctStreams: perRun };
    }
  }
}
