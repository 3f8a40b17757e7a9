// Weights and checkpoints of runs in a real folder: where they lie, who sees them, and what goes when a result is accepted.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { type ArtifactsOwner, InvalidOwnerError } from './artifacts.ts';
import { openArtifacts, UnsupportedArtifactsError } from './open-artifacts.ts';
import { sampleIdentity as identity, temporaryFolder } from './temporary-folder.ts';

const top = temporaryFolder();
let count = 0;
const newPlace = () => {
  const folder = join(top, `artifacts ${count++}`);
  return { folder, artifacts: openArtifacts(folder) };
};
const runId = '01a20bb6-0000-7000-8000-000000000001';
const other = '01a20bb6-0000-7000-8000-000000000002';
const bytesOf = (text: string) => new TextEncoder().encode(text);
const collect = async <T>(source: AsyncIterable<T>) => {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
};

describe('weights', () => {
  it('lie under run and attempt by their names, and are read as they were written', async () => {
    const { folder, artifacts } = newPlace();
    const owner = { runId, attempt: 2 };
    for (const weights of ['final', 'best', 'finalWa', 'bestWa'] as const)
      await artifacts.writeWeights(owner, weights, bytesOf(weights));
    expect(readdirSync(join(folder, 'runs', runId, '2')).sort()).toEqual([
      'weights-best-wa.safetensors',
      'weights-best.safetensors',
      'weights-wa.safetensors',
      'weights.safetensors',
    ]);
    const stored = await artifacts.readWeights(owner, 'bestWa');
    expect(stored?.bytes).toBe(6);
    expect(String(await buffer(stored?.stream() ?? expect.fail('nothing is stored')))).toBe('bestWa');
  });

  it('are those of the attempt that is asked for, and of no other', async () => {
    const { artifacts } = newPlace();
    expect(await artifacts.readWeights({ runId, attempt: 1 }, 'final')).toBeUndefined();
    await artifacts.writeWeights({ runId, attempt: 1 }, 'final', bytesOf('one'));
    for (const owner of [
      { runId, attempt: 2 },
      { runId: other, attempt: 1 },
    ])
      expect(await artifacts.readWeights(owner, 'final')).toBeUndefined();
    expect(await artifacts.readWeights({ runId, attempt: 1 }, 'best')).toBeUndefined();
  });

  it.each<[ArtifactsOwner, string]>([
    [{ runId: '..', attempt: 1 }, 'runId'],
    [{ runId: `../${runId}`, attempt: 1 }, 'runId'],
    [{ runId: `${runId}/../${other}`, attempt: 1 }, 'runId'],
    [{ runId: runId.toUpperCase(), attempt: 1 }, 'runId'],
    [{ runId: `${runId}\n`, attempt: 1 }, 'runId'],
    [{ runId: '', attempt: 1 }, 'runId'],
    [{ runId, attempt: 0 }, 'attempt'],
    [{ runId, attempt: 1.5 }, 'attempt'],
    [{ runId, attempt: '../1' as unknown as number }, 'attempt'],
  ])('of %o are refused, whatever is asked', async (owner, field) => {
    const { folder, artifacts } = newPlace();
    mkdirSync(join(folder, 'runs'), { recursive: true });
    writeFileSync(join(folder, 'precious'), 'here');
    for (const ask of [
      () => artifacts.writeWeights(owner, 'final', bytesOf('x')),
      () => artifacts.readWeights(owner, 'final'),
      () => artifacts.keepOnly(owner),
      ...(field === 'attempt'
        ? []
        : [
            () => artifacts.removeCheckpoints(owner.runId),
            async () => artifacts.checkpoints(owner.runId, { identity }),
          ]),
    ]) {
      const error = await ask().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(InvalidOwnerError);
      expect(error).toMatchObject({ field });
    }
    expect(readFileSync(join(folder, 'precious'), 'utf8')).toBe('here');
  });
});

describe('an accepted attempt', () => {
  it('is all that stays of its run; other runs are left alone', async () => {
    const { folder, artifacts } = newPlace();
    for (const attempt of [1, 2, 3]) await artifacts.writeWeights({ runId, attempt }, 'final', bytesOf('x'));
    for (const id of [runId, other])
      await artifacts.checkpoints(id, { identity }).keep({ epoch: 0, body: bytesOf('state') });
    expect((await collect(artifacts.unsettledRuns())).sort()).toEqual([runId, other]);
    await artifacts.keepOnly({ runId, attempt: 2 });
    expect(readdirSync(join(folder, 'runs', runId))).toEqual(['2']);
    expect(await collect(artifacts.checkpoints(other, { identity }).newestFirst())).toHaveLength(1);
    expect(await collect(artifacts.unsettledRuns())).toEqual([other]);
    await artifacts.removeCheckpoints(other);
    expect(await collect(artifacts.unsettledRuns())).toEqual([]);
  });

  it('may have left nothing', async () => {
    const { artifacts } = newPlace();
    await artifacts.keepOnly({ runId, attempt: 1 });
    expect(await collect(artifacts.unsettledRuns())).toEqual([]);
  });
});

it('checkpoints are shared by the attempts at a run', async () => {
  const { artifacts } = newPlace();
  await artifacts.checkpoints(runId, { identity }).keep({ epoch: 4, body: bytesOf('state') });
  const [found] = await collect(artifacts.checkpoints(runId, { identity }).newestFirst());
  expect([found.epoch, String(found.body)]).toEqual([4, 'state']);
  expect(await collect(artifacts.checkpoints(other, { identity }).newestFirst())).toEqual([]);
});

it('an address that is no folder is refused by name', () => {
  expect(() => openArtifacts('s3://bucket/prefix')).toThrow(UnsupportedArtifactsError);
  expect(() => openArtifacts('s3://bucket/prefix')).toThrow(/RESEED_ARTIFACTS is "s3:\/\/bucket\/prefix"/);
  expect(openArtifacts('relative').address).toBe(join(process.cwd(), 'relative'));
});
