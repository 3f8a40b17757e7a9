// Times a checkpoint's way to the disk and back, after `tsc -b packages/artifacts`:
// node packages/artifacts/bench/checkpoint.mjs [megabytes] [folder] [repeats]. Medians, in milliseconds.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoints } from '../dist/index.js';

const megabytes = Number(process.argv[2] ?? 150);
const folder = mkdtempSync(join(process.argv[3] ?? tmpdir(), 'reseed-bench-'));
const repeats = Number(process.argv[4] ?? 7);
const identity = { runKey: 'bench', specVersion: 1, backendClass: 'bench', codeVersion: 'bench' };
const body = new Uint8Array(megabytes * 1e6);
for (let index = 0; index < body.length; index += 64) body[index] = index >> 6;

const timed = async (work) => {
  const started = performance.now();
  await work();
  return performance.now() - started;
};
const median = (values) => Math.round(values.toSorted((a, b) => a - b)[values.length >> 1]);

try {
  const checkpoints = openCheckpoints({ folder, identity });
  const writes = [];
  const reads = [];
  for (let epoch = 0; epoch < repeats; epoch++) {
    writes.push(await timed(() => checkpoints.keep({ epoch, body })));
    reads.push(
      await timed(async () => {
        for await (const newest of checkpoints.newestFirst()) {
          if (newest.epoch !== epoch || newest.body.length !== body.length) throw new Error('read something else');
          break;
        }
      }),
    );
  }
  console.log(JSON.stringify({ megabytes, writeMs: median(writes), readMs: median(reads), repeats }));
} finally {
  rmSync(folder, { recursive: true });
}
