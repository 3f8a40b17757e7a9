// One checkpoint as a file: "RESEEDCP", uint32 format version, uint32 header length (little-endian), header, body.
// The header is the canonical JSON of { bodyBytes, bodySha256, epoch, identity }. No byte of the file can change unnoticed:
// the header has one right form for a body, an epoch and an identity.
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { canonicalJson } from '@reseed/experiment';

/** What must be equal for a run to go on from a checkpoint and still have the bits that it has without it. */
export interface CheckpointIdentity {
  readonly runKey: string;
  readonly specVersion: number;
  readonly backendClass: string;
  readonly codeVersion: string;
}

/** The same as training's `StoredCheckpoint`. */
export interface Checkpoint {
  /** The last epoch that it holds, from 0. */
  readonly epoch: number;
  readonly body: Uint8Array;
}

/** A file that must not be gone on from. */
export class RefusedCheckpointError extends Error {
  override readonly name = 'RefusedCheckpointError';
  constructor(
    readonly path: string,
    readonly reason: string,
  ) {
    super(`${path} is refused: ${reason}`);
  }
}

const MAGIC = Buffer.from('RESEEDCP', 'latin1');
const FORMAT_VERSION = 1;
const PREFIX_BYTES = MAGIC.length + 8;
/** Identities are short; a length beyond this is a damaged one, for which no memory may be taken. */
const LONGEST_HEADER_BYTES = 65_536;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const headerOf = (identity: CheckpointIdentity, epoch: number, bodyBytes: number, bodySha256: string): Buffer => {
  const { runKey, specVersion, backendClass, codeVersion } = identity;
  const named = { runKey, specVersion, backendClass, codeVersion };
  return Buffer.from(canonicalJson({ identity: named, epoch, bodyBytes, bodySha256 }), 'utf8');
};

/** The file in parts, the body not copied. */
export function encodeCheckpoint(identity: CheckpointIdentity, { epoch, body }: Checkpoint): Uint8Array[] {
  const header = headerOf(identity, epoch, body.byteLength, sha256(body));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  MAGIC.copy(prefix);
  prefix.writeUInt32LE(FORMAT_VERSION, MAGIC.length);
  prefix.writeUInt32LE(header.length, MAGIC.length + 4);
  return [prefix, header, body];
}

/**
 * Reads and verifies one file.
 *
 * @param expected the identity of the run, and the epoch that the file's name says
 * @returns its body, in memory of its own
 * @throws RefusedCheckpointError with what is wrong, what was found and what it should be; the system's errors
 */
export async function readCheckpoint(
  path: string,
  expected: { readonly identity: CheckpointIdentity; readonly epoch: number },
): Promise<Checkpoint> {
  const refuse = (reason: string) => new RefusedCheckpointError(path, reason);
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const read = async (from: number, count: number): Promise<Buffer> => {
      // Memory of its own, not of a pool: a view of floats needs a body that begins at a multiple of four.
      const bytes = Buffer.allocUnsafeSlow(count);
      for (let got = 0; got < count; ) {
        const { bytesRead } = await file.read(bytes, got, Math.min(count - got, 2 ** 30), from + got);
        if (bytesRead === 0) throw refuse(`it ended while it was read, ${from + got} of ${size} bytes`);
        got += bytesRead;
      }
      return bytes;
    };
    if (size < PREFIX_BYTES) throw refuse(`it is truncated: ${size} bytes, of at least ${PREFIX_BYTES}`);
    const prefix = await read(0, PREFIX_BYTES);
    if (!prefix.subarray(0, MAGIC.length).equals(MAGIC)) throw refuse(`it does not begin with "${String(MAGIC)}"`);
    const version = prefix.readUInt32LE(MAGIC.length);
    if (version !== FORMAT_VERSION) throw refuse(`its format version is ${version}, must be ${FORMAT_VERSION}`);
    const headerBytes = prefix.readUInt32LE(MAGIC.length + 4);
    if (headerBytes > LONGEST_HEADER_BYTES)
      throw refuse(`its header length is ${headerBytes}, at most ${LONGEST_HEADER_BYTES}`);
    const bodyStart = PREFIX_BYTES + headerBytes;
    if (size < bodyStart) throw refuse(`it is truncated: ${size} bytes, its header needs ${bodyStart}`);
    const header = await read(PREFIX_BYTES, headerBytes);
    const said = parseHeader(header);
    if (said === undefined) throw refuse('its header cannot be read');
    for (const field of ['runKey', 'specVersion', 'backendClass', 'codeVersion'] as const) {
      const [found, wanted] = [said.identity[field], expected.identity[field]];
      if (found !== wanted)
        throw refuse(`it is foreign: its ${field} is ${JSON.stringify(found)}, must be ${JSON.stringify(wanted)}`);
    }
    if (said.epoch !== expected.epoch)
      throw refuse(`its epoch is ${said.epoch}, must be ${expected.epoch} as its name says`);
    if (said.bodyBytes !== size - bodyStart)
      throw refuse(
        `it is ${size < bodyStart + said.bodyBytes ? 'truncated' : 'too long'}: ${size - bodyStart} bytes of body, must be ${said.bodyBytes}`,
      );
    const body = await read(bodyStart, said.bodyBytes);
    const hash = sha256(body);
    if (hash !== said.bodySha256) throw refuse(`the sha256 of its body is ${hash}, must be ${said.bodySha256}`);
    if (!header.equals(headerOf(expected.identity, expected.epoch, body.byteLength, hash)))
      throw refuse('its header is not in canonical form');
    return { epoch: said.epoch, body };
  } finally {
    await file.close();
  }
}

interface Header {
  readonly identity: Readonly<Record<string, unknown>>;
  readonly epoch: number;
  readonly bodyBytes: number;
  readonly bodySha256: string;
}

function parseHeader(bytes: Buffer): Header | undefined {
  try {
    const { identity, epoch, bodyBytes, bodySha256 } = JSON.parse(bytes.toString('utf8')) as Partial<Header>;
    if (typeof identity !== 'object' || identity === null || typeof bodySha256 !== 'string') return undefined;
    if (!Number.isSafeInteger(epoch) || !Number.isSafeInteger(bodyBytes)) return undefined;
    return { identity, epoch: epoch as number, bodyBytes: bodyBytes as number, bodySha256 };
  } catch {
    return undefined;
  }
}
