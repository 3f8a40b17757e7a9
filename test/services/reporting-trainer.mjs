// A trainer for tests: reports an audit and epochs in a burst, waits, then gives a result or fails, as its argument says.
// Its evaluations are told by the images that they get wrong; their bits are views into one buffer, as a trainer may make them.
import { setTimeout as pause } from 'node:timers/promises';
import { serveTrainer } from '@reseed/worker/serve-trainer';

const {
  epochs = 0,
  milliseconds = 0,
  failure,
  evaluations = [],
  gates = [],
  stopped,
} = JSON.parse(process.argv[2] ?? '{}');
const backend = {
  name: 'reporting',
  device: 'none',
  deviceClass: 'cpu',
  threads: 1,
  backendClass: 'reporting',
  versions: { node: process.versions.node },
};

/** Far into a buffer whose other bits are all set. */
function viewOfBits({ images, wrong }) {
  const length = Math.ceil(images / 8);
  const correct = new Uint8Array(new ArrayBuffer(4096 + length + 4096)).fill(0xff).subarray(4096, 4096 + length);
  if (images % 8 !== 0) correct[length - 1] = 2 ** (images % 8) - 1;
  for (const image of wrong) correct[image >> 3] &= ~(1 << (image & 7));
  return correct;
}

const evaluate = ({ wrong, ...evaluation }) => ({
  accuracy: (evaluation.images - wrong.length) / evaluation.images,
  seconds: 0.5,
  ...evaluation,
  correct: viewOfBits({ ...evaluation, wrong }),
});

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
    const found = { evaluations: evaluations.map(evaluate), gates, ...(stopped === undefined ? {} : { stopped }) };
    const record = { ...found, backend, seconds: 1, imagePassesPerSecond: 1 };
    return { weightHash: 'ab'.repeat(32), metrics, bestEpoch: 0, ...record };
  },
  classify: (error) => ({ kind: error.kind ?? 'internal_error', message: error.message }),
}));
