// reseed trace and reseed audit: what they print, write and exit with; they need no service.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { reseed } from './services/reseed-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'reseed-randomness-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const env = { RESEED_HOME: join(folder, 'home') };
const run = (args: readonly string[], input?: string) =>
  reseed(args, { env, ...(input === undefined ? {} : { input }) });

interface GoldenTrace {
  readonly mode: string;
  readonly N: number;
  readonly B: number;
  readonly W: number;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly generator_seed: number | null;
  readonly drop_last: boolean;
  readonly prefetch: number | null;
  readonly epochs: readonly { index: number[]; worker: number[]; draws: number[][] }[];
}
const file = new URL('../packages/dataloader/golden/dataloader_traces.json', import.meta.url);
const { traces } = JSON.parse(readFileSync(file, 'utf8')) as { traces: GoldenTrace[] };
const goldenTrace = (mode: string, generatorSeed: number | null): GoldenTrace =>
  traces.find((trace) => trace.mode === mode && trace.W > 1 && trace.generator_seed === generatorSeed) as GoldenTrace;

/** The trace as somebody's recorder would have written it. */
const linesOf = ({ epochs }: GoldenTrace): string =>
  epochs
    .flatMap(({ index, worker, draws }, epoch) =>
      index.map((sample, i) => JSON.stringify({ epoch, worker: worker[i], index: sample, draws: draws[i] })),
    )
    .join('\n');
const written = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

describe('reseed trace', () => {
  it.each([
    goldenTrace('modern', 7),
    goldenTrace('torch_rng', null),
    goldenTrace('blog_epoch_collate', null),
    goldenTrace('main_precomputed', null),
  ])('prints the trace of real PyTorch: $mode', async (trace) => {
    const { mode, N, B, W, seed, shuffle, drop_last, generator_seed, epochs } = trace;
    const numbers = { seed, samples: N, batch: B, workers: W, epochs: epochs.length };
    const args = Object.entries(numbers).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
    const flags = [
      ...(shuffle ? ['--shuffle'] : []),
      ...(drop_last ? ['--drop-last'] : []),
      ...(generator_seed === null ? [] : ['--generator-seed', String(generator_seed)]),
    ];
    const { code, stdout } = await run(['trace', '--mode', mode, ...args, ...flags, '--constant', '1000', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ ...trace, prefetch: null });
  });

  it('shows a table to people, cut to a screen', async () => {
    const { stdout } = await run(['trace', '--mode', 'inherited', '--seed', '42']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('inherited: 16 samples in batches of 2, 2 workers, seed 42');
    expect(lines[2]).toBe('     0       0       0       0  6 3 0 787846414');
    expect(lines.at(-1)).toBe('… 8 more samples; --json prints all');
  });

  it('refuses what no DataLoader can be, naming the limit', async () => {
    const bad = await run(['trace', '--mode', 'inherit']);
    expect(bad.code).toBe(1);
    expect(bad.stderr).toContain('inherited_persistent');
    const none = await run(['trace', '--mode', 'modern', '--samples', '3', '--batch', '4', '--drop-last']);
    expect(none.code).toBe(1);
    expect(none.stderr).toContain('batchSize is 4, but there are only 3 samples');
  });
});

describe('reseed audit', () => {
  it('exits with 2 for a defect, with 0 for a clean trace, from a file, packed, or standard input', async () => {
    const bug = await run(['audit', written('bug.ndjson', linesOf(goldenTrace('inherited', null)))]);
    expect(bug.code).toBe(2);
    expect(bug.stdout).toContain('shared_state_across_workers');
    const clean = linesOf(goldenTrace('modern', null));
    const packed = await run(['audit', written('clean.ndjson.gz', gzipSync(clean)), '--json']);
    expect(packed.code).toBe(0);
    expect(JSON.parse(packed.stdout)).toMatchObject({ verdict: 'clean', variants: [] });
    expect((await run(['audit', '-'], clean)).code).toBe(0);
  });

  it('exits with 1 for a bad line, a file that is not there and a broken archive, and says which', async () => {
    const bad = await run([
      'audit',
      written('bad.ndjson', '{"epoch":0,"worker":0,"index":0,"draws":[1]}\n{"epoch":-1}\n'),
    ]);
    expect(bad).toMatchObject({ code: 1, stdout: '' });
    expect(bad.stderr).toContain('line 2, epoch: found -1; allowed is a whole number from 0');
    const missing = await run(['audit', join(folder, 'nowhere.ndjson.gz')]);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('ENOENT');
    const broken = await run(['audit', written('broken.ndjson.gz', 'not packed')]);
    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain('incorrect header check');
  });

  it('asks for one source', async () => {
    for (const args of [[], ['x', '--recipes'], ['--mode', 'modern', '--recipes']]) {
      const { code, stderr } = await run(['audit', ...args]);
      expect(code).toBe(1);
      expect(stderr).toContain('give one of FILE, --mode NAME and --recipes');
    }
  });

  it('prints the recipes, and a document of them', async () => {
    const { code, stdout } = await run(['audit', '--recipes']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\(nothing\) +\| < 1.9 +\| yes +\| every epoch +\| yes/);
    const document = JSON.parse((await run(['audit', '--recipes', '--json'])).stdout) as unknown[];
    expect(document).toHaveLength(26);
    expect(document[0]).toMatchObject({
      torch: '< 1.9',
      duplicates: 'yes',
      repeats: 'every epoch',
      dependsOnSeed: 'yes',
    });
  });

  it('draws the picture of a mode and of a recorded trace', async () => {
    const mode = join(folder, 'mode.svg');
    const plotted = await run(['audit', '--mode', 'blog_epoch', '--samples', '40', '--batch', '4', '--plot', mode]);
    expect(plotted.code).toBe(0);
    expect(plotted.stdout).toContain('blog_epoch: 480 augmentation draws came from 172 distinct blocks');
    expect(readFileSync(mode, 'utf8')).toMatch(/^<svg [\s\S]+>172 distinct draw blocks in 480 draws[\s\S]+<\/svg>\n$/);
    const recorded = join(folder, 'recorded.svg');
    const trace = goldenTrace('inherited', null);
    const lines = written('plotted.ndjson', linesOf(trace));
    expect((await run(['audit', lines, '--plot', recorded])).code).toBe(2);
    expect(readFileSync(recorded, 'utf8')).toContain(`in ${trace.N * 3} draws`);
    expect((await run(['audit', '--plot', join(folder, 'bug.svg')])).stdout).toContain('inherited: 4,800');
    expect(existsSync(join(folder, 'bug.svg'))).toBe(true);
  });
});
