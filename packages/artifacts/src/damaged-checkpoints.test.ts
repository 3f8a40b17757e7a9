// Whatever happens to the bytes of a checkpoint, it is refused with a reason and the one before is given.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { readdirSync } from 'node:fs';
import type { Checkpoint, CheckpointIdentity } from './checkpoint-file.ts';
import { openCheckpoints } from './open-checkpoints.ts';
import { sampleIdentity as identity, temporaryFolder } from './temporary-folder.ts';

const folder = join(temporaryFolder(), 'run');
const bodies = [new Uint8Array([1, 2, 3]), Uint8Array.from({ length: 700 }, (_, index) => (index * 37) % 256)];
let newest: string;
let whole: Buffer;

beforeAll(async () => {
  const checkpoints = openCheckpoints({ folder, identity });
  for (const [epoch, body] of bodies.entries()) await checkpoints.keep({ epoch, body });
  newest = join(folder, readdirSync(folder).sort()[1]);
  whole = readFileSync(newest);
});

async function readAll(given: CheckpointIdentity = identity, from = folder) {
  const refused: [path: string, reason: string][] = [];
  const found: Checkpoint[] = [];
  const onRefused = (path: string, reason: string) => refused.push([path, reason]);
  for await (const checkpoint of openCheckpoints({ folder: from, identity: given, onRefused }).newestFirst())
    found.push(checkpoint);
  return { refused, found };
}

/** Puts these bytes in the place of the newest. */
async function readWith(bytes: Uint8Array) {
  writeFileSync(newest, bytes);
  return readAll();
}

async function expectRefusal(bytes: Uint8Array): Promise<void> {
  const { refused, found } = await readWith(bytes);
  expect(found.map(({ epoch }) => epoch)).toEqual([0]);
  expect(found[0].body).toEqual(Buffer.from(bodies[0]));
  expect(refused).toEqual([[newest, expect.stringMatching(/\w/)]]);
}

describe('a checkpoint', () => {
  it('is given as it was kept, the newest first, in memory that begins where it begins', async () => {
    const { refused, found } = await readWith(whole);
    expect(refused).toEqual([]);
    expect(found.map(({ epoch, body }) => ({ epoch, body: Uint8Array.from(body) }))).toEqual([
      { epoch: 1, body: bodies[1] },
      { epoch: 0, body: bodies[0] },
    ]);
    expect(found[0].body.byteOffset).toBe(0);
    expect(new Float32Array(found[0].body.buffer)).toHaveLength(175);
  });

  it('that was cut anywhere is refused', async () => {
    for (let length = 0; length < whole.length; length++) await expectRefusal(whole.subarray(0, length));
  });

  it('with any byte changed is refused', async () => {
    const mask = fc.integer({ min: 1, max: 255 });
    const masks = fc.array(mask, { minLength: whole.length, maxLength: whole.length });
    await fc.assert(
      fc.asyncProperty(masks, async (changes) => {
        for (const [at, change] of changes.entries()) {
          const bytes = Buffer.from(whole);
          bytes[at] ^= change;
          await expectRefusal(bytes);
        }
      }),
      { numRuns: 3 },
    );
  });

  it('with bytes put in, taken out or doubled anywhere is refused', async () => {
    const cut = fc.record({
      at: fc.nat(whole.length - 1),
      drop: fc.nat(40),
      insert: fc.uint8Array({ maxLength: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(cut, async ({ at, drop, insert }) => {
        const bytes = Buffer.concat([whole.subarray(0, at), insert, whole.subarray(at + drop)]);
        if (!bytes.equals(whole)) await expectRefusal(bytes);
      }),
      { numRuns: 200 },
    );
  });

  it.each<[change: string, bytes: () => Uint8Array, reason: RegExp]>([
    ['is empty', () => new Uint8Array(), /truncated: 0 bytes, of at least 16/],
    ['is another kind of file', () => Buffer.from('PK'.repeat(400)), /does not begin with "RESEEDCP"/],
    ['is of a later format', () => patched((b) => b.writeUInt32LE(9, 8)), /format version is 9, must be 1/],
    ['claims a gigantic header', () => patched((b) => b.writeUInt32LE(2 ** 31, 12)), /length is 2147483648, at most/],
    ['lost its end', () => whole.subarray(0, -1), /truncated: 699 bytes of body, must be 700/],
    ['has more than its end', () => Buffer.concat([whole, Buffer.of(0)]), /too long: 701 bytes of body, must be 700/],
    ['has a flipped bit', () => patched((b) => (b[b.length - 1] ^= 1)), /sha256 of its body is [0-9a-f]{64}, must be/],
  ])('that %s is refused with that reason', async (_, bytes, reason) => {
    expect((await readWith(bytes())).refused[0][1]).toMatch(reason);
  });

  it('under the name of another epoch is refused', async () => {
    writeFileSync(newest, whole);
    const other = join(folder, '..', 'renamed');
    mkdirSync(other);
    writeFileSync(join(other, 'epoch-000009-00000000.checkpoint'), whole);
    const { found, refused } = await readAll(identity, other);
    expect([found, refused[0][1]]).toEqual([[], 'its epoch is 1, must be 9 as its name says']);
  });

  it('that cannot be read is refused like a damaged one', async () => {
    const other = join(folder, '..', 'unreadable');
    mkdirSync(join(other, 'epoch-000003-00000000.checkpoint'), { recursive: true });
    writeFileSync(join(other, 'epoch-000001-00000000.checkpoint'), whole);
    const { found, refused } = await readAll(identity, other);
    expect([found.map(({ epoch }) => epoch), refused[0][1]]).toEqual([[1], expect.stringMatching(/EISDIR|truncated/)]);
  });

  it.each([
    ['runKey', 'cd'.repeat(32)],
    ['specVersion', 2],
    ['backendClass', 'tensorflow-cpu/2.9/threads-1/avx2'],
    ['codeVersion', '0.1.0+0123456789ab-modified'],
  ] as const)('of another %s is foreign', async (field, value) => {
    writeFileSync(newest, whole);
    const { found, refused } = await readAll({ ...identity, [field]: value });
    expect(found).toEqual([]);
    expect(refused).toHaveLength(2);
    expect(refused[0]).toEqual([
      newest,
      `it is foreign: its ${field} is ${JSON.stringify(identity[field])}, must be ${JSON.stringify(value)}`,
    ]);
  });
});

function patched(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(whole);
  change(bytes);
  return bytes;
}
