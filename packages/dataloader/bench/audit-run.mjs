// Time and memory of the audit of ten million draws: N = 50,000, B = 128, W = 4, E = 200, as pad_crop_flip draws.
// node packages/dataloader/bench/audit-run.mjs [MODE …]      (after npm run build)
import { auditRun } from '@reseed/dataloader';

const modes = process.argv.length > 2 ? process.argv.slice(2) : ['modern'];
const loader = { workers: 4, order: 'decoupled', shuffle: 'reshuffle', dropLast: false, batchRepeat: 1 };
const draws = {
  sample: (stream) => [stream.randint(0, 9), stream.randint(0, 9), stream.randomSample() < 0.5 ? 1 : 0],
  choices: { counts: [9, 9, 2], parametersOf: ([dy, dx, option]) => [dy, dx, 1 - option] },
};

for (const seedingMode of modes) {
  const started = performance.now();
  const sizes = { seed: 2021, sampleCount: 50_000, batchSize: 128, epochs: 200 };
  const { distinctBlocksPerRun, agrees } = auditRun({ ...sizes, loader, seedingMode, draws });
  const seconds = (performance.now() - started) / 1000;
  const peakMegabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(
    JSON.stringify({ seedingMode, seconds: Number(seconds.toFixed(2)), peakMegabytes, distinctBlocksPerRun, agrees }),
  );
}
