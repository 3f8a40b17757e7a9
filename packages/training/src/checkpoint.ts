// A checkpoint's bytes: facts as JSON, then float32 vectors, little-endian; everything that a run needs to go on bit for bit.

export interface Checkpoint<Facts> {
  readonly facts: Facts;
  readonly vectors: ReadonlyMap<string, Float32Array>;
}

/** Bytes that are no checkpoint of this version of the code. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
  constructor(readonly reason: string) {
    super(`this checkpoint cannot be used: ${reason}`);
  }
}

/** Raised whenever what a checkpoint holds changes; older ones are then not read. */
const FORMAT = 1;

interface Header<Facts> {
  readonly format: number;
  readonly vectors: readonly { readonly name: string; readonly length: number }[];
  readonly facts: Facts;
}

/** Length of the header in bytes, before it. */
const PREFIX = 4;

export function encodeCheckpoint<Facts>({ facts, vectors }: Checkpoint<Facts>): Uint8Array {
  const header: Header<Facts> = {
    format: FORMAT,
    vectors: [...vectors].map(([name, { length }]) => ({ name, length })),
    facts,
  };
  const text = new TextEncoder().encode(JSON.stringify(header, writeBytes));
  const headerBytes = text.length + ((4 - (text.length % 4)) % 4);
  const values = [...vectors.values()].reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(PREFIX + headerBytes + 4 * values);
  bytes.fill(0x20, PREFIX, PREFIX + headerBytes);
  bytes.set(text, PREFIX);
  new DataView(bytes.buffer).setUint32(0, headerBytes, true);
  const floats = new Float32Array(bytes.buffer, PREFIX + headerBytes);
  let first = 0;
  for (const vector of vectors.values()) {
    floats.set(vector, first);
    first += vector.length;
  }
  return bytes;
}

/** @throws CheckpointError */
export function decodeCheckpoint<Facts>(bytes: Uint8Array): Checkpoint<Facts> {
  const header = readHeader<Facts>(bytes);
  const vectors = new Map<string, Float32Array>();
  // A copy, because views need an aligned start; `slice` is none where the bytes are a Buffer.
  const floats = new Float32Array(header.vectors.reduce((sum, { length }) => sum + length, 0));
  new Uint8Array(floats.buffer).set(bytes.subarray(bytes.length - floats.byteLength));
  let first = 0;
  for (const { name, length } of header.vectors) vectors.set(name, floats.subarray(first, (first += length)));
  return { facts: header.facts, vectors };
}

/** Bytes among the facts travel as base64. */
const writeBytes = (_: string, value: unknown): unknown =>
  value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value;

function readBytes(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('base64' in value)) return value;
  return new Uint8Array(Buffer.from(value.base64 as string, 'base64'));
}

function readHeader<Facts>(bytes: Uint8Array): Header<Facts> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = bytes.length < PREFIX ? bytes.length : view.getUint32(0, true);
  if (PREFIX + headerBytes > bytes.length) throw new CheckpointError(`its ${bytes.length} bytes are not all of it`);
  let header: Header<Facts>;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(PREFIX, PREFIX + headerBytes));
    header = JSON.parse(text, readBytes) as Header<Facts>;
  } catch {
    throw new CheckpointError('its header is no JSON');
  }
  if (header.format !== FORMAT) throw new CheckpointError(`its format is ${header.format}, this code reads ${FORMAT}`);
  const expected = PREFIX + headerBytes + 4 * header.vectors.reduce((sum, { length }) => sum + length, 0);
  if (expected !== bytes.length) throw new CheckpointError(`it has ${bytes.length} bytes instead of ${expected}`);
  return header;
}
