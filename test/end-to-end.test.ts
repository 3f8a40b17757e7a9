// The whole product as a person uses it: `reseed up`, a grid over HTTP, the real trainer, its answers, and its end.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SEEDING_MODES } from '@reseed/experiment';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { privateHomes, processesNaming } from './services/private-home.ts';
import { reseedUp, type Up } from './services/reseed-command.ts';

const homes = privateHomes();
const home = homes.make();
afterAll(() => homes.removeAll());

/** Without augmentation every seeding mode, with it two of them; the loader of single_process has no workers by default. */
const grid = {
  name: 'tiny',
  dataset: { name: 'mnist', trainSize: 60, validationSize: 20, testSize: 20 },
  base: {
    model: 'tiny-cnn',
    epochs: 2,
    batchSize: 20,
    attack: { steps: 1 },
    'evaluation.steps': 2,
    averaging: { decay: 0.9 },
  },
  axes: { augmentation: ['none', { name: 'pad_crop', pad: 1 }], seedingMode: ['modern', 'inherited'] },
  include: SEEDING_MODES.filter((mode) => mode !== 'modern' && mode !== 'inherited').map((seedingMode) => ({
    augmentation: 'none',
    seedingMode,
  })),
  seeds: [2021, 5_000_000],
  compare: { factor: 'seedingMode', baseline: 'modern', metric: 'robustAccuracyFinal', margin: 0.01 },
};
const RUNS = (SEEDING_MODES.length + 2) * grid.seeds.length;

interface Run {
  readonly id: string;
  readonly seed: number;
  readonly levels: { readonly seedingMode: string; readonly augmentation: string | { readonly name: string } };
  readonly state: string;
  readonly attempt: number;
  readonly weightHash: string;
  readonly weightHashWa: string;
  readonly metrics: Readonly<Record<string, number>>;
}
interface View {
  readonly state: string;
  readonly counts: { readonly succeeded: number; readonly queued: number };
}
interface Row {
  readonly by: Run['levels'];
  readonly level: string;
  readonly identical: boolean;
}

let up: Up;
const get = async <T>(path: string): Promise<T> => {
  const answer = await fetch(`${up.url}${path}`);
  expect({ path, status: answer.status }).toEqual({ path, status: 200 });
  return (await answer.json()) as T;
};
const post = async (): Promise<string> => {
  const answer = await fetch(`${up.url}/v1/experiments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(grid),
  });
  expect(answer.status).toBe(202);
  const accepted = (await answer.json()) as { id: string; conditions: number; runs: number };
  expect(accepted).toMatchObject({ conditions: SEEDING_MODES.length + 2, runs: RUNS });
  return accepted.id;
};
const view = (id: string) => get<View>(`/v1/experiments/${id}`);
const finishes = (id: string) =>
  expect
    .poll(() => view(id), { timeout: 100_000, interval: 250 })
    .toMatchObject({ state: 'finished', counts: { succeeded: RUNS, failed: 0, queued: 0 } });
const runsOf = async (id: string) => (await get<{ items: Run[] }>(`/v1/experiments/${id}/runs?limit=200`)).items;
const nameOf = ({ augmentation }: Run['levels']) =>
  typeof augmentation === 'string' ? augmentation : augmentation.name;
/** What must be the same whenever and wherever the run is trained. */
const outcomes = (runs: readonly Run[]) =>
  runs.map(({ seed, levels, weightHash, metrics }) => ({ seed, levels, weightHash, metrics }));
const start = () => reseedUp(['--workers', '2', '--device', 'cpu'], { RESEED_HOME: home });

/** Processes that have this home in their command line or in their environment. */
function belonging(): number[] {
  const byEnvironment =
    process.platform !== 'linux'
      ? []
      : readdirSync('/proc').filter((name) => {
          try {
            return /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, 'utf8').includes(home);
          } catch {
            return false;
          }
        });
  return [...new Set([...byEnvironment.map(Number), ...processesNaming(home)])];
}

// One story: each chapter goes on where the one before has ended.
describe('reseed up', () => {
  let first: string;
  let second: string;

  beforeAll(async () => {
    up = await start();
  });
  afterAll(() => up.kill('SIGKILL'));

  it('trains a posted grid to its end', async () => {
    first = await post();
    await finishes(first);
    const runs = await runsOf(first);
    expect(runs).toHaveLength(RUNS);
    for (const run of runs) {
      expect(run).toMatchObject({ state: 'succeeded', attempt: 1, backend: { deviceClass: 'cpu' } });
      expect(run.weightHash).toMatch(/^[0-9a-f]{64}$/);
      expect(Object.values(run.metrics).every(Number.isFinite)).toBe(true);
    }
  }, 120_000);

  it('gives the same weights under every seeding mode when nothing is augmented, and others when something is', async () => {
    const runs = await runsOf(first);
    for (const seed of grid.seeds) {
      const hashes = (augmentation: string) =>
        new Set(
          runs
            .filter((run) => run.seed === seed && nameOf(run.levels) === augmentation)
            .map(({ weightHash }) => weightHash),
        );
      expect(hashes('none').size).toBe(1);
      expect(hashes('pad_crop').size).toBe(2);
    }
    expect(new Set(runs.map(({ weightHash }) => weightHash)).size).toBe(3 * grid.seeds.length);
  });

  it('serves the weights that the hashes are made of, and keeps nothing else of a run', async () => {
    const [run] = await runsOf(first);
    const fetched = async (of: string) => {
      const answer = await fetch(`${up.url}/v1/runs/${run.id}/weights?of=${of}`);
      const bytes = Buffer.from(await answer.arrayBuffer());
      // Without batch norm the file's data are the tensors in state_dict order and nothing else.
      const data = bytes.subarray(8 + Number(bytes.readBigUInt64LE(0)));
      return [answer.status, createHash('sha256').update(data).digest('hex')];
    };
    expect(await fetched('final')).toEqual([200, run.weightHash]);
    expect(await fetched('finalWa')).toEqual([200, run.weightHashWa]);
    expect((await fetched('bestWa'))[0]).toBe(200);
    const folder = join(home, 'artifacts', 'runs');
    await expect
      .poll(() => readdirSync(folder).flatMap((id) => readdirSync(join(folder, id))))
      .toEqual(Array.from({ length: RUNS }, () => '1'));
  });

  it('compares every mode with the baseline, pair by pair', async () => {
    const { rows, withoutBaseline } = await get<{ rows: Row[]; withoutBaseline: unknown[] }>(
      `/v1/experiments/${first}/comparison`,
    );
    const levels = (augmentation: string) => rows.filter(({ by }) => nameOf(by) === augmentation);
    expect(levels('none').map(({ level }) => level)).toEqual(
      expect.arrayContaining(SEEDING_MODES.filter((mode) => mode !== 'modern')),
    );
    expect(levels('pad_crop').map(({ level }) => level)).toEqual(['inherited']);
    expect([rows.length, withoutBaseline]).toEqual([SEEDING_MODES.length, []]);
    for (const row of rows)
      expect(row).toMatchObject({ n: 2, missing: [], baseline: 'modern', metric: 'robustAccuracyFinal', paired: true });
    for (const row of levels('none')) expect(row).toMatchObject({ identical: true, meanDifference: 0, differs: false });
  });

  it('serves the audit of every run: of the draws, inherited repeats two thirds and modern none', async () => {
    const runs = await runsOf(first);
    const { conditions } = await get<{ conditions: { levels: Run['levels']; summary: string; runs: unknown[] }[] }>(
      `/v1/experiments/${first}/audit`,
    );
    expect(conditions).toHaveLength(SEEDING_MODES.length + 2);
    for (const { summary, runs: audited } of conditions) {
      expect(summary).toBeTypeOf('string');
      expect(audited).toHaveLength(grid.seeds.length);
    }
    // Three batches an epoch go to three of four workers, which all start from the parent's state.
    for (const [mode, share] of [
      ['inherited', 2 / 3],
      ['modern', 0],
    ] as const) {
      const run = runs.find(({ levels }) => levels.seedingMode === mode && nameOf(levels) === 'pad_crop');
      const { audit } = await get<{ audit: { duplicatedSharePerEpoch: number; agrees: boolean } }>(
        `/v1/runs/${run?.id}/audit`,
      );
      expect(audit.duplicatedSharePerEpoch).toBeCloseTo(share, 10);
      expect(audit.agrees).toBe(true);
    }
    const plain = runs.find(({ levels }) => nameOf(levels) === 'none');
    expect(await get(`/v1/runs/${plain?.id}/audit`)).toMatchObject({ audit: { drawsPerRun: 0 } });
  });

  it('tells of epochs, attempts, workers and queues', async () => {
    const [{ id }] = await runsOf(first);
    const epochs = await get<{ items: { epoch: number }[] }>(`/v1/runs/${id}/epochs`);
    expect(epochs.items.map(({ epoch }) => epoch)).toEqual([0, 1]);
    const { items: attempts } = await get<{ items: { workerId: string }[] }>(`/v1/runs/${id}/attempts`);
    expect(attempts).toMatchObject([{ attempt: 1, outcome: 'succeeded', failure: null }]);
    const workers = await get<{ items: { id: string; alive: boolean }[] }>('/v1/workers');
    expect(workers.items.map(({ alive }) => alive)).toEqual([true, true]);
    expect(workers.items.map((worker) => worker.id)).toContain(attempts[0].workerId);
    const { queues } = await get<{ queues: { deviceClass: string; counts: Record<string, number> }[] }>('/v1/queues');
    expect(queues.find(({ deviceClass }) => deviceClass === 'cpu')?.counts).toMatchObject({
      active: 0,
      prioritized: 0,
      completed: RUNS,
    });
  });

  it('puts another API, at the same address, and another worker in the place of those that die', async () => {
    const [api] = oursOf('api');
    const [worker] = oursOf('worker');
    for (const pid of [api, worker]) process.kill(pid, 'SIGKILL');
    const answers = () => fetch(`${up.url}/readyz`).then(({ status }) => status, String);
    await expect.poll(answers, { timeout: 20_000, interval: 100 }).toBe(200);
    expect(oursOf('api')).not.toContain(api);
    const known = async () => (await get<{ items: unknown[] }>('/v1/workers')).items.length;
    await expect.poll(known, { timeout: 20_000, interval: 100 }).toBe(3);
  });

  it('when it is killed leaves no worker behind, and the next one in the same home goes on', async () => {
    second = await post();
    await expect
      .poll(async () => (await view(second)).counts.succeeded, { timeout: 30_000, interval: 50 })
      .toBeGreaterThan(1);
    up.kill('SIGKILL');
    await up.ended;
    // Workers may finish the run in hand; the services stay, and are found again.
    await expect.poll(() => [...oursOf('api'), ...oursOf('worker')], { timeout: 25_000, interval: 100 }).toEqual([]);
    up = await start();
    const { counts } = await view(second);
    expect(counts.succeeded).toBeLessThan(RUNS);
    await finishes(second);
    const runs = await runsOf(second);
    for (const { id, attempt } of runs) {
      const { items } = await get<{ items: { outcome: string }[] }>(`/v1/runs/${id}/attempts`);
      expect(items).toHaveLength(attempt);
      expect(items.filter(({ outcome }) => outcome === 'succeeded')).toHaveLength(1);
    }
  }, 120_000);

  it('gives the same weights and metrics for the same grid, to the last bit', async () => {
    expect(outcomes(await runsOf(second))).toEqual(outcomes(await runsOf(first)));
  });

  it('ends on SIGTERM with exit code 0, and no process of its home is left', async () => {
    expect(belonging().length).toBeGreaterThan(5);
    up.kill('SIGTERM');
    expect(await up.ended).toEqual({ code: 0, signal: null });
    // The workers of Postgres leave a moment after their server has told them to.
    for (const end = performance.now() + 5000; belonging().length > 0 && performance.now() < end; ) await pause(50);
    expect(belonging().map((pid) => commandOf(pid))).toEqual([]);
  });
});

/** The processes of one app that belong to this home. */
const oursOf = (app: 'api' | 'worker') =>
  belonging().filter((pid) => commandOf(pid).includes(`/apps/${app}/dist/main.js`));

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
