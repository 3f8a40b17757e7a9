// A trainer for benchmarks: speaks the real protocol, computes nothing, answers after the milliseconds of its argument.
import { setTimeout as pause } from 'node:timers/promises';
import { serveTrainer } from '@reseed/worker/serve-trainer';

const milliseconds = Number(process.argv[2] ?? 0);
const backend = {
  name: 'idle',
  device: 'none',
  deviceClass: 'cpu',
  threads: 1,
  backendClass: 'idle',
  versions: { node: process.versions.node },
};

await serveTrainer(async () => ({
  backend,
  async run(_spec, _events, signal) {
    if (milliseconds > 0) await pause(milliseconds, undefined, { signal });
    const metrics = {
      cleanAccuracy: 0,
      robustAccuracy: 0,
      robustAccuracyBest: 0,
      robustAccuracyFinal: 0,
      robustDrop: 0,
      robustGap: 0,
    };
    return {
      weightHash: '0'.repeat(64),
      metrics,
      evaluations: [],
      gates: [],
      bestEpoch: 0,
      backend,
      seconds: milliseconds / 1000,
      imagePassesPerSecond: 0,
    };
  },
  classify: (error) => ({ kind: 'internal_error', message: String(error) }),
}));
