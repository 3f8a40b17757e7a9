// Time and memory of the audit of a recorded trace, a million lines unless told otherwise.
// node packages/dataloader/bench/audit-trace.mjs [LINES] [MODE]      (after npm run build)
import { createReadStream, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditTrace, createLoader } from '@reseed/dataloader';

const lines = Number(process.argv[2] ?? 1_000_000);
const seedingMode = process.argv[3] ?? 'modern';
const epochs = 20;
const loader = { workers: 4, order: 'decoupled', shuffle: 'reshuffle', dropLast: false, batchRepeat: 1 };
const draws = { sample: (stream) => [stream.randint(0, 9), stream.randint(0, 9), stream.nextUint32()] };
const sizes = { seed: 2021, sampleCount: Math.ceil(lines / epochs), batchSize: 128 };

const folder = mkdtempSync(join(tmpdir(), 'reseed-bench-'));
const file = join(folder, 'trace.ndjson');
try {
  const source = createLoader({ ...sizes, loader, seedingMode, draws });
  for (let epoch = 0; epoch < epochs; epoch++) {
    const recorded = [];
    for (const { worker, indices, parameters } of source.epoch(epoch)) {
      indices.forEach((index, i) => recorded.push(JSON.stringify({ epoch, worker, index, draws: parameters[i] })));
    }
    writeFileSync(file, `${recorded.join('\n')}\n`, { flag: 'a' });
  }
  // What writing the trace took does not count.
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
  const started = performance.now();
  const { verdict, variants, analysedLines } = await auditTrace(createReadStream(file));
  const seconds = Number(((performance.now() - started) / 1000).toFixed(2));
  clearInterval(watch);
  peak = Math.max(peak, process.memoryUsage().rss);
  const megabytes = (bytes) => Math.round(bytes / 2 ** 20);
  const memory = { grownMegabytes: megabytes(peak - before), peakMegabytes: megabytes(peak) };
  const found = variants.map(({ variant }) => variant);
  console.log(
    JSON.stringify({
      lines: analysedLines,
      fileMegabytes: megabytes(statSync(file).size),
      seconds,
      ...memory,
      verdict,
      found,
    }),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
