// What an attempt leaves among the artifacts: checkpoints that the next attempt goes on from, weights before the result, and
// nothing but a warning where nothing can be written. The trainer here counts instead of training; the files are real.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Artifacts, openArtifacts } from '@reseed/artifacts';
import { createLogger } from '@reseed/config';
import { type EpochMetrics, resolveCondition, type RunResult, SPEC_VERSION } from '@reseed/experiment';
import type { Trainer } from '@reseed/training';
import { afterAll, describe, expect, it } from 'vitest';
import { trainAttempts } from './train-attempt.ts';

const top = mkdtempSync(join(tmpdir(), 'reseed-attempt-test-'));
afterAll(() => rmSync(top, { recursive: true }));
let count = 0;
const newPlace = () => openArtifacts(join(top, `place-${count++}`));

const EPOCHS = 6;
const spec = { specVersion: SPEC_VERSION, condition: resolveCondition({ epochs: EPOCHS }).condition, seed: 7 };
const runId = '01a20bb6-0000-7000-8000-000000000001';
const attempt = (number: number) => ({ runId, attempt: number, runKey: 'ab'.repeat(32) });
const weightsOf = (seed: number) => ({ final: Buffer.of(seed), best: Buffer.of(seed, 1) });

/** Goes on from the newest checkpoint, reports every epoch of the whole run, and crashes in the epoch that it is told. */
function countingTrainer(crashIn?: number): Trainer & { readonly trained: number[] } {
  const trained: number[] = [];
  return {
    trained,
    async run({ seed }, events, _signal, checkpoints) {
      let first = 0;
      for await (const { epoch, body } of checkpoints?.newestFirst() ?? []) {
        expect(body).toEqual(Buffer.of(seed, epoch));
        first = epoch + 1;
        break;
      }
      for (let epoch = 0; epoch < EPOCHS; epoch++) {
        if (epoch >= first) {
          if (epoch === crashIn) throw new Error('no memory');
          trained.push(epoch);
          const wanted = (epoch + 1) % (checkpoints?.every ?? 1) === 0;
          if (wanted) await checkpoints?.keep({ epoch, body: Uint8Array.of(seed, epoch) });
        }
        events.epoch({ epoch } as EpochMetrics);
      }
      events.weights?.(weightsOf(seed));
      return { weightHash: `of ${seed}` } as RunResult;
    },
  };
}

/** Trains one attempt, with what it reported and logged. */
async function train(
  artifacts: Artifacts,
  given: { trainer?: Trainer; number?: number; codeVersion?: string; checkpointEvery?: number } = {},
) {
  const { trainer = countingTrainer(), number = 1, codeVersion = '1', checkpointEvery = 1 } = given;
  const logged: Record<string, unknown>[] = [];
  const logger = createLogger({ name: 'test', level: 'silent' });
  const note = (fields: object, message: string) => void logged.push({ ...fields, message });
  Object.assign(logger, { child: () => ({ info: note, warn: note }) });
  const run = trainAttempts({
    ...{ trainer, artifacts, codeVersion, checkpointEvery, logger },
    backendClass: 'counting',
    keepLast: 2,
  });
  const epochs: number[] = [];
  const events = { audit: () => {}, epoch: ({ epoch }: EpochMetrics) => void epochs.push(epoch) };
  const signal = new AbortController().signal;
  const ended = await run(spec, events, signal, attempt(number)).catch((error: unknown) => error);
  return { ended, epochs, logged };
}
const checkpointsIn = ({ address }: Artifacts) => {
  const folder = join(address, 'runs', runId, 'checkpoints');
  return readdirSync(folder).map((name) => Number(name.slice(6, 12)));
};

describe('an attempt', () => {
  it('has its weights on the disk when its result is there', async () => {
    const artifacts = newPlace();
    const { ended, logged } = await train(artifacts, { number: 3 });
    expect([ended, logged]).toEqual([{ weightHash: 'of 7' }, []]);
    const files = await Promise.all(
      (['final', 'best', 'finalWa', 'bestWa'] as const).map((of) => artifacts.readWeights({ runId, attempt: 3 }, of)),
    );
    expect(files.map((file) => file?.bytes)).toEqual([1, 2, undefined, undefined]);
  });

  it('goes on where the one before has crashed, and reports the whole curve', async () => {
    const artifacts = newPlace();
    const crashed = await train(artifacts, { trainer: countingTrainer(4) });
    expect([crashed.ended, crashed.epochs]).toEqual([expect.objectContaining({ message: 'no memory' }), [0, 1, 2, 3]]);
    expect(checkpointsIn(artifacts)).toEqual([2, 3]);
    const trainer = countingTrainer();
    const { ended, epochs, logged } = await train(artifacts, { trainer, number: 2 });
    expect([ended, epochs, trainer.trained]).toEqual([{ weightHash: 'of 7' }, [0, 1, 2, 3, 4, 5], [4, 5]]);
    expect(logged).toEqual([{ epoch: 3, message: 'resumed after this epoch' }]);
  });

  it('of other code starts over and says why', async () => {
    const artifacts = newPlace();
    await train(artifacts, { trainer: countingTrainer(3) });
    const trainer = countingTrainer();
    const { logged } = await train(artifacts, { trainer, number: 2, codeVersion: '2' });
    expect(trainer.trained).toEqual([0, 1, 2, 3, 4, 5]);
    expect(logged).toHaveLength(2);
    expect(logged[0]).toMatchObject({
      message: 'a checkpoint is refused',
      reason: 'it is foreign: its codeVersion is "1", must be "2"',
    });
  });

  it('keeps checkpoints of every second epoch when told so, and none when told 0', async () => {
    const [sparse, none] = [newPlace(), newPlace()];
    await train(sparse, { checkpointEvery: 2 });
    expect(checkpointsIn(sparse)).toEqual([3, 5]);
    await train(none, { checkpointEvery: 0 });
    expect(() => checkpointsIn(none)).toThrow('ENOENT');
  });

  it('succeeds where nothing can be written, with one warning for checkpoints and one for weights', async () => {
    const file = join(top, 'file');
    writeFileSync(file, '');
    const { ended, epochs, logged } = await train(openArtifacts(join(file, 'folder')));
    expect([ended, epochs]).toEqual([{ weightHash: 'of 7' }, [0, 1, 2, 3, 4, 5]]);
    expect(logged).toEqual([
      { err: expect.any(Error), message: 'this run goes on without checkpoints' },
      { err: expect.any(Error), message: 'the weights are not kept' },
    ]);
  });
});
