import { describe, expect, test } from 'vitest';
import { type Model, WeightSizeError } from './build-model.ts';
import { getModel } from './get-model.ts';
import { readHalf } from './half-floats.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';
import { SafetensorsError } from './safetensors-header.ts';
import { weightHash } from './weight-hash.ts';

/** Values that no two tensors share. */
function numbered(model: Model) {
  let next = 0;
  const count = ({ size }: { size: number }) => Float32Array.from({ length: size }, () => Math.sin(next++));
  return { weights: model.parameters.map(count), buffers: model.buffers.map(count) };
}

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** A file from a header and data that are written by hand. */
function file(header: unknown, data: Uint8Array): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

function taken(bytes: Uint8Array) {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<string, HeaderEntry>;
  return { header, data: bytes.slice(8 + length), length };
}

test.each(['tiny-cnn', 'tiny-cnn-bn', 'small-cnn', 'wrn-40-2-deepmind-silu'] as const)('%s goes out and in', (name) => {
  const model = getModel(name);
  const { weights, buffers } = numbered(model);
  const bytes = encodeSafetensors(model, weights, buffers);
  const back = decodeSafetensors(model, bytes);
  const hash = (state: typeof back) => weightHash(model.inStateOrder(state.weights, state.buffers));
  expect(hash(back)).toBe(hash({ weights, buffers }));
  const { header, length } = taken(bytes);
  expect(length % 8).toBe(0);
  expect(Object.keys(header).toSorted()).toEqual(
    ['__metadata__', ...model.state.map((entry) => entry.name)].toSorted(),
  );
  for (const [tensor, { dtype, data_offsets: place }] of Object.entries(header)) {
    if (tensor !== '__metadata__') expect(place[0] % (dtype === 'I64' ? 8 : 4), tensor).toBe(0);
  }
});

test('a file in the middle of a buffer is read too', () => {
  const model = getModel('tiny-cnn');
  const { weights } = numbered(model);
  const bytes = encodeSafetensors(model, weights, []);
  const shifted = new Uint8Array(bytes.length + 3).subarray(3);
  shifted.set(bytes);
  expect(decodeSafetensors(model, shifted).weights).toEqual(weights);
});

test('the bytes are those of the format, followed by hand', () => {
  const model = getModel('linear-softmax', { imageShape: [1, 1, 2], classes: 2 });
  const bytes = encodeSafetensors(model, [Float32Array.of(1, -2, 3, 0.5), Float32Array.of(-1, 2)], []);
  const header =
    '{"__metadata__":{"format":"pt"},"fc.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},' +
    '"fc.bias":{"dtype":"F32","shape":[2],"data_offsets":[16,24]}}';
  const padded = header.padEnd(160);
  expect(header.length).toBeGreaterThan(152);
  expect([...bytes.subarray(0, 8)]).toEqual([160, 0, 0, 0, 0, 0, 0, 0]);
  expect(new TextDecoder().decode(bytes.subarray(8, 168))).toBe(padded);
  const data = [0, 0, 128, 63, 0, 0, 0, 192, 0, 0, 64, 64, 0, 0, 0, 63, 0, 0, 128, 191, 0, 0, 0, 64];
  expect([...bytes.subarray(168)]).toEqual(data);
});

test('batch norm brings its statistics and num_batches_tracked, 64-bit zeros before everything else', () => {
  const model = getModel('tiny-cnn-bn');
  const { weights, buffers } = numbered(model);
  const { header, data } = taken(encodeSafetensors(model, weights, buffers));
  expect(header['bn1.num_batches_tracked']).toEqual({ dtype: 'I64', shape: [], data_offsets: [0, 8] });
  expect(header['bn2.num_batches_tracked']).toEqual({ dtype: 'I64', shape: [], data_offsets: [8, 16] });
  expect([...data.subarray(0, 16)]).toEqual(Array(16).fill(0));
  expect(header['bn1.running_var']).toMatchObject({ dtype: 'F32', shape: [16] });
});

test('float16 and bfloat16 are read exactly', () => {
  const halves: [number, number][] = [
    [0x0000, 0],
    [0x8000, -0],
    [0x0001, 2 ** -24],
    [0x83ff, -1023 * 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3c00, 1],
    [0x3555, 0.333251953125],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
  ];
  for (const [bits, value] of halves) expect(readHalf(bits, 'F16')).toBe(value);
  expect(readHalf(0x7e00, 'F16')).toBeNaN();
  expect(readHalf(0x3f80, 'BF16')).toBe(1);
  expect(readHalf(0xc049, 'BF16')).toBe(-3.140625);

  const model = getModel('linear-softmax', { imageShape: [1, 1, 1], classes: 2 });
  const data = new Uint8Array(8);
  [0x3c00, 0xc000].forEach((bits, i) => new DataView(data.buffer).setUint16(2 * i, bits, true));
  [0x3f80, 0xc049].forEach((bits, i) => new DataView(data.buffer).setUint16(4 + 2 * i, bits, true));
  const header = {
    'fc.bias': { dtype: 'BF16', shape: [2], data_offsets: [4, 8] },
    'fc.weight': { dtype: 'F16', shape: [2, 1], data_offsets: [0, 4] },
  };
  const { weights } = decodeSafetensors(model, file(header, data));
  expect(weights).toEqual([Float32Array.of(1, -2), Float32Array.of(1, -3.140625)]);
});

test('the normalisation of a DeepMind model goes out, and another one is refused', () => {
  const normalisation = { mean: [0.4914, 0.4822, 0.4465], std: [0.2471, 0.2435, 0.2616] };
  const model = getModel('wrn-40-2-deepmind-relu', { normalisation });
  const { weights, buffers } = numbered(model);
  const bytes = encodeSafetensors(model, weights, buffers);
  expect(taken(bytes).header['mean']).toMatchObject({ dtype: 'F32', shape: [3, 1, 1] });
  expect(decodeSafetensors(model, bytes).buffers).toEqual(buffers);
  expect(() => decodeSafetensors(getModel('wrn-40-2-deepmind-relu'), bytes, 'w.safetensors')).toThrow(
    /^w\.safetensors: mean: expected \[0, 0, 0\], found \[0\.49/,
  );
});

describe('a damaged or foreign file is refused, by name', () => {
  const model = getModel('linear-softmax', { imageShape: [1, 1, 2], classes: 2 });
  const weight = { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] };
  const bias = { dtype: 'F32', shape: [2], data_offsets: [16, 24] };
  const good = { 'fc.weight': weight, 'fc.bias': bias };
  const data = new Uint8Array(24);
  const moved = (entry: object, offsets: unknown) => ({ ...entry, data_offsets: offsets });
  const I64 = { dtype: 'I64', shape: [1], data_offsets: [16, 24] };

  test('the undamaged one is not', () => {
    expect(decodeSafetensors(model, file(good, data)).weights.map((values) => values.length)).toEqual([4, 2]);
    const described = { __metadata__: { format: 'pt', by: 'hand' }, ...good };
    expect(decodeSafetensors(model, file(described, data)).weights).toHaveLength(2);
  });

  const huge = file(good, data);
  huge.fill(255, 0, 8);
  test.each<[string, Uint8Array, string | undefined, RegExp]>([
    ['no length', new Uint8Array(7), undefined, /at least 8 bytes, found 7/],
    ['a header longer than the file', huge, undefined, /a header of at most \d+ bytes, found 18446744073709551615/],
    ['no JSON', file('{"fc', data), undefined, /a header in JSON/],
    ['JSON that is no object', file('[1]', data), undefined, /a JSON object as header, found \[1\]/],
    ['an entry of null', file({ ...good, 'fc.bias': null }, data), 'fc.bias', /a dtype, a shape .* found null/],
    ['a negative side', file({ ...good, 'fc.bias': { ...bias, shape: [-2] } }, data), 'fc.bias', /a dtype, a shape/],
    ['half an offset', file({ ...good, 'fc.bias': moved(bias, [16.5, 24.5]) }, data), 'fc.bias', /two data_offsets/],
    ['one offset', file({ ...good, 'fc.bias': moved(bias, [16]) }, data), 'fc.bias', /two data_offsets/],
    ['an unknown dtype', file({ ...good, 'fc.bias': { ...bias, dtype: 'F8' } }, data), 'fc.bias', /dtype F32, .*"F8"/],
    ['a dtype of Object', file({ ...good, 'fc.bias': { ...bias, dtype: 'toString' } }, data), 'fc.bias', /"toString"/],
    [
      'the wrong dtype',
      file({ ...good, 'fc.bias': { ...I64, shape: [2], data_offsets: [16, 32] } }, new Uint8Array(32)),
      'fc.bias',
      /dtype F32, F16, BF16, found I64/,
    ],
    [
      'too few bytes for a shape',
      file({ ...good, 'fc.bias': moved(bias, [16, 20]) }, data),
      'fc.bias',
      /8 bytes for F32 \[2\], found 4/,
    ],
    ['offsets that run backwards', file({ ...good, 'fc.bias': moved(bias, [24, 16]) }, data), 'fc.bias', /8 bytes for/],
    [
      'an overlap',
      file({ ...good, 'fc.bias': moved(bias, [12, 20]) }, data),
      'fc.bias',
      /data from byte 16 on, found byte 12/,
    ],
    [
      'a gap',
      file({ ...good, 'fc.bias': moved(bias, [20, 28]) }, new Uint8Array(28)),
      'fc.bias',
      /from byte 16 on, found byte 20/,
    ],
    ['missing data', file(good, data.subarray(0, 20)), undefined, /24 bytes of data, found 20/],
    ['data to spare', file(good, new Uint8Array(25)), undefined, /24 bytes of data, found 25/],
    [
      'a missing tensor',
      file({ 'fc.weight': weight }, data.subarray(0, 16)),
      'fc.bias',
      /a tensor of shape \[2\], found none/,
    ],
    [
      'an unknown tensor',
      file({ ...good, other: moved(bias, [24, 32]) }, new Uint8Array(32)),
      'other',
      /no such tensor in linear-softmax/,
    ],
    [
      'another shape',
      file({ ...good, 'fc.weight': { ...weight, shape: [4, 1] } }, data),
      'fc.weight',
      /shape \[2, 2\], found \[4, 1\]/,
    ],
  ])('%s', (_, bytes, tensor, message) => {
    const decode = () => decodeSafetensors(model, bytes, 'run 7.safetensors');
    expect(decode).toThrow(SafetensorsError);
    expect(decode).toThrow(message);
    expect(decode).toThrow(/^run 7\.safetensors: /);
    try {
      decode();
    } catch (error) {
      expect((error as SafetensorsError).tensor).toBe(tensor);
    }
  });

  test('weights of another model do not go out', () => {
    expect(() => encodeSafetensors(model, [new Float32Array(4)], [])).toThrow(WeightSizeError);
    const normed = getModel('tiny-cnn-bn');
    const { weights } = numbered(normed);
    expect(() => encodeSafetensors(normed, weights, [])).toThrow(
      'tiny-cnn-bn: bn1.running_mean has 0 values, expected 16',
    );
  });
});
