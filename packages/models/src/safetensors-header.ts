// The header of a safetensors file: its length as a 64-bit little-endian integer, then names, types, shapes and places as JSON.

/** A file that is not what its header, or the model that reads it, says. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError';
  constructor(
    readonly file: string,
    /** undefined where the file as a whole is meant */
    readonly tensor: string | undefined,
    readonly expected: string,
    readonly found: string,
  ) {
    super(`${file}: ${tensor === undefined ? '' : `${tensor}: `}expected ${expected}, found ${found}`);
  }
}

export interface NamedTensor {
  readonly name: string;
  readonly dtype: 'F32' | 'I64';
  readonly shape: readonly number[];
  readonly bytes: number;
}

export interface TensorPlace {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** in bytes from the end of the header */
  readonly start: number;
  readonly end: number;
}

const LENGTH_BYTES = 8;
const DTYPE_BYTES: Readonly<Record<string, number>> = { F32: 4, F16: 2, BF16: 2, I64: 8 };

/** A file of zeros with its header; the tensors' values follow one another from `dataStart` on. */
export function writeHeader(tensors: readonly NamedTensor[]): { bytes: Uint8Array<ArrayBuffer>; dataStart: number } {
  let offset = 0;
  const header = tensors.map(({ name, dtype, shape, bytes }) => {
    const place = { dtype, shape, data_offsets: [offset, (offset += bytes)] };
    return `${JSON.stringify(name)}:${JSON.stringify(place)}`;
  });
  const json = new TextEncoder().encode(`{"__metadata__":{"format":"pt"},${header.join()}}`);
  const length = Math.ceil(json.length / 8) * 8; // spaces align the data to 8 bytes
  const bytes = new Uint8Array(LENGTH_BYTES + length + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + length);
  bytes.set(json, LENGTH_BYTES);
  return { bytes, dataStart: LENGTH_BYTES + length };
}

/** @throws SafetensorsError unless the tensors fill the file without gap or overlap */
export function readHeader(bytes: Uint8Array, file: string): { tensors: Map<string, TensorPlace>; dataStart: number } {
  const available = bytes.length - LENGTH_BYTES;
  if (available < 0) throw new SafetensorsError(file, undefined, 'at least 8 bytes', `${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(available)) {
    throw new SafetensorsError(file, undefined, `a header of at most ${available} bytes`, `${length}`);
  }
  const dataStart = LENGTH_BYTES + Number(length);
  const header = parseHeader(bytes.subarray(LENGTH_BYTES, dataStart), file);
  const tensors = new Map<string, TensorPlace>();
  for (const [name, entry] of Object.entries(header)) {
    if (name !== '__metadata__') tensors.set(name, readPlace(entry, name, file));
  }
  checkPlaces(tensors, bytes.length - dataStart, file);
  return { tensors, dataStart };
}

function parseHeader(json: Uint8Array, file: string): object {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch (error) {
    throw new SafetensorsError(file, undefined, 'a header in JSON', (error as Error).message);
  }
  if (typeof header === 'object' && header !== null && !Array.isArray(header)) return header;
  throw new SafetensorsError(file, undefined, 'a JSON object as header', JSON.stringify(header).slice(0, 60));
}

function readPlace(entry: unknown, name: string, file: string): TensorPlace {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const counts = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every((value) => Number.isSafeInteger(value) && value >= 0);
  if (typeof dtype !== 'string' || !counts(shape) || !counts(offsets) || offsets.length !== 2) {
    const found = JSON.stringify(entry).slice(0, 120);
    throw new SafetensorsError(file, name, 'a dtype, a shape and two data_offsets', found);
  }
  const width = Object.hasOwn(DTYPE_BYTES, dtype) ? DTYPE_BYTES[dtype] : undefined;
  if (width === undefined) {
    throw new SafetensorsError(file, name, `dtype ${Object.keys(DTYPE_BYTES).join(', ')}`, JSON.stringify(dtype));
  }
  const [start, end] = offsets;
  const needed = shape.reduce((size, side) => size * side, width);
  if (end - start !== needed) {
    const place = `${end - start} (data_offsets ${start}, ${end})`;
    throw new SafetensorsError(file, name, `${needed} bytes for ${dtype} [${shape.join(', ')}]`, place);
  }
  return { dtype, shape, start, end };
}

function checkPlaces(tensors: ReadonlyMap<string, TensorPlace>, dataBytes: number, file: string): void {
  let filled = 0;
  for (const [name, { start, end }] of [...tensors].toSorted(([, a], [, b]) => a.start - b.start || a.end - b.end)) {
    if (start !== filled) throw new SafetensorsError(file, name, `data from byte ${filled} on`, `byte ${start}`);
    filled = end;
  }
  if (filled !== dataBytes) throw new SafetensorsError(file, undefined, `${filled} bytes of data`, `${dataBytes}`);
}
