// A trainer for tests: reports an audit and epochs in a burst, waits, then gives a result or fails, as its argument says.
import { setTimeout as pause } from 'node:timers/promises';
import { serveTrainer } from '@reseed/worker/serve-trainer';

const { epochs = 0, milliseconds = 0, failure } = JSON.parse(process.argv[2] ?? '{}');
const backend = {
  name: 'reporting',
  device: 'none',
  deviceClass: 'cpu',
  threads: 1,
  backendClass: 'reporting',
  versions: { node: process.versions.node },
};

await serveTrainer(async () => ({
  backend,
  async run(spec, events, signal) {
    events.audit({ counted: spec.seed });
    for (let epoch = 0; epoch < epochs; epoch++) {
      events.epoch({
        epoch,
        trainLoss: 1 / (epoch + 1),
        trainAccuracy: 0.5,
        learningRate: 0.01,
        epsilon: spec.condition.attack.epsilon,
        validationCleanAccuracy: null,
        validationRobustAccuracy: epoch / epochs,
        testCleanAccuracy: null,
        testRobustAccuracy: null,
        seconds: 0.001,
      });
    }
    await pause(milliseconds, undefined, { signal });
    if (failure !== undefined) throw Object.assign(new Error(failure.message), { kind: failure.kind });
    const metrics = {
      cleanAccuracy: 0.75,
      robustAccuracy: 0.5,
      robustAccuracyBest: 0.5,
      robustAccuracyFinal: 0.5,
      robustDrop: 0,
      robustGap: 0,
    };
    const record = { evaluations: [], gates: [], backend, seconds: 1, imagePassesPerSecond: 1 };
    return { weightHash: 'ab'.repeat(32), metrics, bestEpoch: 0, ...record };
  },
  classify: (error) => ({ kind: error.kind ?? 'internal_error', message: error.message }),
}));
