// The sentence about an audit, word for word, in each of its forms.
import type { SeedingMode } from '@reseed/experiment';
import type { DrawStream } from '@reseed/rng';
import { expect, it } from 'vitest';
import type { Audit } from './audit.ts';
import { auditRun } from './audit-run.ts';
import { describeAudit } from './describe-audit.ts';
import type { LoaderSpec } from './loader-options.ts';
import { rawDraws } from './recorded-epoch.ts';

function audit(seedingMode: SeedingMode, loader: Partial<LoaderSpec> = {}, epochs = 20): Audit {
  const spec: LoaderSpec = {
    workers: 4,
    order: 'decoupled',
    shuffle: 'reshuffle',
    dropLast: false,
    batchRepeat: 1,
    ...loader,
  };
  return auditRun({ seed: 1, sampleCount: 1000, batchSize: 50, loader: spec, seedingMode, draws: rawDraws, epochs });
}

it.each<[string, Audit, string]>([
  [
    'inherited',
    audit('inherited'),
    'inherited: 20,000 augmentation draws came from 250 distinct blocks: every draw block was used 80 times (75.0 % duplicates inside each epoch; every epoch repeats the first).',
  ],
  [
    'modern',
    audit('modern'),
    'modern: 20,000 augmentation draws came from 20,000 distinct blocks: no draw block was used twice.',
  ],
  [
    'shared_fresh',
    audit('shared_fresh'),
    'shared_fresh: 20,000 augmentation draws came from 5,000 distinct blocks: every draw block was used 4 times (75.0 % duplicates inside each epoch; no epoch repeats another).',
  ],
  [
    'const_worker',
    audit('const_worker'),
    'const_worker: 20,000 augmentation draws came from 1,000 distinct blocks: every draw block was used 20 times (no duplicates inside an epoch; every epoch repeats the first).',
  ],
  [
    'uneven shares in one epoch',
    audit('inherited', { workers: 3 }, 1),
    'inherited: 1,000 augmentation draws came from 350 distinct blocks: a draw block was used 2 to 3 times (65.0 % duplicates inside each epoch; only one epoch).',
  ],
])('%s', (_, audited, sentence) => {
  expect(audited.agrees).toBe(true);
  expect(describeAudit(audited)).toBe(sentence);
});

it('images that some epochs leave out make epochs share a part of their blocks', () => {
  const loader: LoaderSpec = { workers: 4, order: 'decoupled', shuffle: 'reshuffle', dropLast: true, batchRepeat: 1 };
  const sizes = { seed: 1, sampleCount: 1000, batchSize: 300, loader, epochs: 2 };
  const audited = auditRun({ ...sizes, seedingMode: 'fixed_per_sample', draws: rawDraws });
  expect(audited.agrees).toBe(true);
  expect(describeAudit(audited)).toMatch(
    /^fixed_per_sample: 1,800 augmentation draws came from 9\d\d distinct blocks: a draw block was used 1 to 2 times \(no duplicates inside an epoch; epochs share some of their blocks\)\. Counted by the 128-bit seeds of the streams, parameters were drawn for 9\d\d images\.$/,
  );
});

it('an augmentation that draws nothing', () => {
  const loader: LoaderSpec = { workers: 4, order: 'decoupled', shuffle: 'reshuffle', dropLast: false, batchRepeat: 1 };
  const nothing = { sample: () => [] };
  const audited = auditRun({
    seed: 1,
    sampleCount: 10,
    batchSize: 5,
    loader,
    seedingMode: 'inherited',
    draws: nothing,
    epochs: 2,
  });
  expect(describeAudit(audited)).toBe(
    'inherited: the augmentation draws nothing, so no seeding mode can change this run.',
  );
});

it('a program that breaks its contract is found out: what it skips makes two samples share a block', () => {
  let calls = 0;
  const skipping = { sample: (stream: DrawStream) => (++calls % 10 === 0 ? [] : rawDraws.sample(stream)) };
  const loader: LoaderSpec = { workers: 4, order: 'decoupled', shuffle: 'reshuffle', dropLast: false, batchRepeat: 1 };
  const sizes = { seed: 1, sampleCount: 1000, batchSize: 50, loader, epochs: 1 };
  const audited = auditRun({ ...sizes, seedingMode: 'modern', draws: skipping });
  expect(audited.agrees).toBe(false);
  expect(audited.distinctBlocksPerRun.closedForm).toBe(1000);
  expect(audited.distinctBlocksPerRun.counted).toBeLessThan(1000);
  expect(audited.distinctBlocksPerRun.counted).toBeGreaterThan(850);
  expect(describeAudit(audited)).toMatch(
    /^modern: 1,000 augmentation draws came from \d{3} distinct blocks: a draw block was used 1 to 2 times .* This is not what the mode promises \(1,000 distinct blocks\): do not trust this run's randomness\.$/,
  );
});
