// Lines that the format allows and does not allow, and files cut into chunks anywhere.
import { describe, expect, it } from 'vitest';
import { auditTrace } from './audit-trace.ts';
import { TraceEmptyError, TraceLineError } from './errors.ts';
import { LONGEST_LINE } from './split-lines.ts';
import { modern, recordSynthetic } from './synthetic-trace.ts';

async function* pieces(...chunks: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  yield* chunks;
}

const good = { epoch: 0, worker: 0, index: 0, draws: [1] };

async function refusal(line: unknown): Promise<TraceLineError> {
  const text = typeof line === 'string' ? line : JSON.stringify(line);
  const error = await auditTrace(pieces(`${JSON.stringify(good)}\n\n${text}\n`)).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TraceLineError);
  return error as TraceLineError;
}

const index = 'a whole number from 0 to 2147483647';
const label = 'a number or a text of 1 to 200 characters';

describe('lines that are refused', () => {
  it.each<[string, unknown, string, string, string]>([
    ['no JSON', '{"epoch": 0,', 'line', '"{\\"epoch\\": 0,"', 'one JSON object per line'],
    ['NaN', '{"epoch":0,"worker":0,"index":0,"draws":[NaN]}', 'line', '"{\\"epoch', 'one JSON object per line'],
    ['an array', [1], 'line', '"[1]"', 'one JSON object per line'],
    ['null', null, 'line', '"null"', 'one JSON object per line'],
    ['a number', 5, 'line', '"5"', 'one JSON object per line'],
    ['no epoch', { worker: 0, index: 0, draws: [1] }, 'epoch', 'nothing', index],
    ['a text as epoch', { ...good, epoch: '0' }, 'epoch', '"0"', index],
    ['a negative epoch', { ...good, epoch: -1 }, 'epoch', '-1', index],
    ['half an epoch', { ...good, epoch: 0.5 }, 'epoch', '0.5', index],
    ['a huge epoch', { ...good, epoch: 2 ** 31 }, 'epoch', '2147483648', index],
    ['no worker', { epoch: 0, index: 0, draws: [1] }, 'worker', 'nothing', 'a whole number from -1 to 2147483647'],
    ['worker −2', { ...good, worker: -2 }, 'worker', '-2', 'a whole number from -1 to 2147483647'],
    ['worker null', { ...good, worker: null }, 'worker', 'null', 'a whole number from -1 to 2147483647'],
    ['no index', { epoch: 0, worker: 0, draws: [1] }, 'index', 'nothing', index],
    ['a negative index', { ...good, index: -1 }, 'index', '-1', index],
    ['an index of several', { ...good, index: [1, 2] }, 'index', 'an array', index],
    ['a negative batch', { ...good, batch: -1 }, 'batch', '-1', index],
    ['a text as batch', { ...good, batch: '1' }, 'batch', '"1"', index],
    ['neither', { epoch: 0, worker: 0, index: 0 }, 'draws and digest', 'neither', 'exactly one of the two'],
    ['both', { ...good, digest: 'a' }, 'draws and digest', 'both', 'exactly one of the two'],
    ['no draws', { ...good, draws: [] }, 'draws', '[]', 'at least one value'],
    ['nested nothing', { ...good, draws: [[], [[]]] }, 'draws', 'an array', 'at least one value'],
    ['draws null', { ...good, draws: null }, 'draws', 'null', 'an array of numbers, texts, booleans and arrays'],
    ['a bare draw', { ...good, draws: 3 }, 'draws', '3', 'an array of numbers, texts, booleans and arrays'],
    [
      'a null draw',
      { ...good, draws: [1, [2, null]] },
      'draws[1][1]',
      'null',
      'a number, a text, a boolean or an array of them',
    ],
    [
      'an object drawn',
      { ...good, draws: [{}] },
      'draws[0]',
      'an object',
      'a number, a text, a boolean or an array of them',
    ],
    ['infinity', '{"epoch":0,"worker":0,"index":0,"draws":[1e999]}', 'draws[0]', 'Infinity', 'a finite number'],
    [
      'deep arrays',
      `{"epoch":0,"worker":0,"index":0,"draws":${'['.repeat(99)}1${']'.repeat(99)}}`,
      'draws',
      '"deeper arrays"',
      'arrays nested at most 32 deep',
    ],
    [
      'an empty digest',
      { epoch: 0, worker: 0, index: 0, digest: '' },
      'digest',
      '""',
      'a text of at least 1 character',
    ],
    [
      'a number as digest',
      { epoch: 0, worker: 0, index: 0, digest: 7 },
      'digest',
      '7',
      'a text of at least 1 character',
    ],
    ['an empty run', { ...good, run: '' }, 'run', '""', label],
    ['a run of true', { ...good, run: true }, 'run', 'true', label],
    ['a long run', { ...good, run: 'x'.repeat(201) }, 'run', `"${'x'.repeat(59)}…`, label],
    ['a seed null', { ...good, seed: null }, 'seed', 'null', label],
    ['a seed in a list', { ...good, seed: [1] }, 'seed', 'an array', label],
    ['a negative resume', { ...good, resume: -1 }, 'resume', '-1', 'true, false, a whole number'],
    ['half a resume', { ...good, resume: 0.5 }, 'resume', '0.5', 'true, false, a whole number'],
    ['a resume null', { ...good, resume: null }, 'resume', 'null', 'true, false, a whole number'],
  ])('%s', async (_, line, field, value, allowed) => {
    const error = await refusal(line);
    expect(error).toMatchObject({ line: 3, field });
    expect(error.value).toContain(value);
    expect(error.allowed).toContain(allowed);
    expect(error.message).toBe(`line 3, ${field}: found ${error.value}; allowed is ${error.allowed}`);
    expect(error.value.length).toBeLessThanOrEqual(62);
  });

  it('one that is longer than 1 MiB, also when its end never comes', async () => {
    const long = 'x'.repeat(LONGEST_LINE + 1);
    for (const chunks of [
      [long],
      [long, '\n'],
      [long.slice(0, 9), long.slice(9)],
      [`${JSON.stringify(good)}\n`, long],
    ]) {
      await expect(auditTrace(pieces(...chunks))).rejects.toMatchObject({
        line: chunks[0].startsWith('{') ? 2 : 1,
        field: 'line',
        allowed: 'at most 1,048,576 characters',
      });
    }
  });

  it('a trace without lines', async () => {
    for (const chunks of [[], [''], ['\n \n\r\n']])
      await expect(auditTrace(pieces(...chunks))).rejects.toBeInstanceOf(TraceEmptyError);
  });

  it('more runs than anyone trains', async () => {
    const lines = Array.from({ length: 10_001 }, (_, run) => JSON.stringify({ ...good, run }));
    await expect(auditTrace(pieces(lines.join('\n')))).rejects.toMatchObject({ line: 10_001, field: 'run' });
  });
});

describe('lines that are read', () => {
  it.each<[string, object]>([
    ['nested draws of all kinds', { draws: [[1, [2.5, 'x']], true, -3] }],
    ['a digest', { draws: undefined, digest: 'é' }],
    ['the main process', { worker: -1 }],
    ['labels', { run: 'a', seed: 7, resume: true, batch: 0 }],
    ['labels of the other kinds', { run: 0.5, seed: 'seven', resume: 'second start' }],
    ['an empty resume', { resume: '' }],
  ])('%s', async (_, fields) => {
    expect((await auditTrace(pieces(JSON.stringify({ ...good, ...fields })))).lines).toBe(1);
  });

  it('the order of keys, the notation of numbers and the kind of a label do not matter', async () => {
    const lines = [
      '{"epoch":0,"worker":0,"index":0,"draws":[100,0.5],"seed":1}',
      '{"seed":"1","draws":[ 1e2, 5.0E-1 ],"index":1,"worker":0,"epoch":0}',
    ];
    const { runs } = await auditTrace(pieces(lines.join('\n')));
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({ draws: 2, distinctBlocksPerRun: 1 });
  });

  it('chunks that end anywhere, in \\r\\n and in a character, with a mark at the start and no end of line', async () => {
    const lines = recordSynthetic({
      samples: 40,
      batchSize: 4,
      workers: 2,
      epochs: 3,
      order: 'shuffled',
      kind: 'digest',
      stream: modern(1),
    }).map((line) => JSON.stringify({ ...line, run: '😀 é' }));
    const expected = await auditTrace(pieces(lines.join('\n')));
    expect(expected).toMatchObject({ lines: 120, verdict: 'clean', runs: [{ run: '😀 é' }] });
    const bytes = new TextEncoder().encode(`\uFEFF${lines.join('\r\n\r\n')}`);
    for (const size of [1, 7, 1000]) {
      const cut = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      expect(await auditTrace(pieces(...cut))).toEqual(expected);
    }
    const text = `\uFEFF${lines.join('\r\n')}\r\n`;
    expect(await auditTrace(pieces(...(text.match(/[^]{1,9}/gu) ?? [])))).toEqual(expected);
  });
});
