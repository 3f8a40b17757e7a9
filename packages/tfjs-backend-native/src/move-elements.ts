// Transposes, borders, cut-outs and joins of float tensors, all as copies of blocks with steps.
import {
  backend_util,
  type ConcatAttrs,
  type PadV2Attrs,
  type PadV2Inputs,
  type ReverseAttrs,
  type ReverseInputs,
  type SliceAttrs,
  type SliceInputs,
  slice_util,
  type SplitVAttrs,
  type SplitVInputs,
  type TensorInfo,
  type TransposeAttrs,
  type TransposeInputs,
  util,
} from '@tensorflow/tfjs-core';
import type { NativeBackend } from './native-backend.ts';
import { areFloats, isEmpty, type KernelCall } from './native-kernel.ts';

/** Distance in elements between neighbours along each axis. */
function stepsOf(shape: readonly number[]): number[] {
  const steps: number[] = [];
  for (let axis = shape.length - 1, step = 1; axis >= 0; step *= shape[axis--]) steps[axis] = step;
  return steps;
}

interface Block {
  readonly lengths: readonly number[];
  readonly stepsFrom: readonly number[];
  readonly stepsTo: readonly number[];
  readonly firstFrom: number;
  readonly firstTo: number;
}

function copyBlock(backend: NativeBackend, from: TensorInfo, to: TensorInfo, block: Block): void {
  if (block.lengths.includes(0)) return;
  const [lengths, stepsFrom, stepsTo]: [number[], number[], number[]] = [[], [], []];
  // Neighbouring axes that both sides walk evenly are one.
  for (let axis = block.lengths.length - 1; axis >= 0; axis--) {
    const [length, stepFrom, stepTo] = [block.lengths[axis], block.stepsFrom[axis], block.stepsTo[axis]];
    if (length === 1) continue;
    const last = lengths.length - 1;
    if (last >= 0 && stepFrom === stepsFrom[last] * lengths[last] && stepTo === stepsTo[last] * lengths[last]) {
      lengths[last] *= length;
      continue;
    }
    lengths.push(length);
    stepsFrom.push(stepFrom);
    stepsTo.push(stepTo);
  }
  if (lengths.length === 0) [lengths[0], stepsFrom[0], stepsTo[0]] = [1, 1, 1];
  const steps = [lengths, stepsFrom, stepsTo].flatMap((values) => values.reverse());
  const walk = Int32Array.of(lengths.length, ...steps, block.firstFrom, block.firstTo);
  backend.addon.copyBlock(backend.values(from), backend.values(to), walk);
}

const placeOf = (index: readonly number[], steps: readonly number[]): number =>
  index.reduce((place, at, axis) => place + at * steps[axis], 0);

/** A new tensor whose axis i is axis permutation[i] of x. */
export function permute(backend: NativeBackend, x: TensorInfo, permutation: readonly number[]): TensorInfo {
  const shape = permutation.map((axis) => x.shape[axis]);
  const out = backend.allocate(shape);
  const steps = stepsOf(x.shape);
  const stepsFrom = permutation.map((axis) => steps[axis]);
  copyBlock(backend, x, out, { lengths: shape, stepsFrom, stepsTo: stepsOf(shape), firstFrom: 0, firstTo: 0 });
  return out;
}

export function transpose(
  backend: NativeBackend,
  { inputs: { x }, attrs }: KernelCall<TransposeInputs, TransposeAttrs>,
): TensorInfo | undefined {
  return areFloats(x) ? permute(backend, x, attrs.perm) : undefined;
}

/** x within a border of one value. */
export function pad(
  backend: NativeBackend,
  { inputs: { x }, attrs }: KernelCall<PadV2Inputs, PadV2Attrs>,
): TensorInfo | undefined {
  if (!areFloats(x)) return undefined;
  const shape = attrs.paddings.map(([before, after], axis) => before + x.shape[axis] + after);
  const out = backend.allocate(shape);
  backend.floats(out).fill(attrs.constantValue);
  const stepsTo = stepsOf(shape);
  const firstTo = placeOf(
    attrs.paddings.map(([before]) => before),
    stepsTo,
  );
  copyBlock(backend, x, out, { lengths: x.shape, stepsFrom: stepsOf(x.shape), stepsTo, firstFrom: 0, firstTo });
  return out;
}

function cutOut(backend: NativeBackend, x: TensorInfo, begin: readonly number[], size: readonly number[]): TensorInfo {
  const out = backend.allocate(size);
  const stepsFrom = stepsOf(x.shape);
  const firstFrom = placeOf(begin, stepsFrom);
  copyBlock(backend, x, out, { lengths: size, stepsFrom, stepsTo: stepsOf(size), firstFrom, firstTo: 0 });
  return out;
}

export function slice(
  backend: NativeBackend,
  { inputs: { x }, attrs }: KernelCall<SliceInputs, SliceAttrs>,
): TensorInfo | undefined {
  if (!areFloats(x)) return undefined;
  const [begin, size] = slice_util.parseSliceParams(x, attrs.begin, attrs.size);
  slice_util.assertParamsValid(x, begin, size);
  return cutOut(backend, x, begin, size);
}

export function split(
  backend: NativeBackend,
  { inputs: { x }, attrs }: KernelCall<SplitVInputs, SplitVAttrs>,
): TensorInfo[] | undefined {
  if (!areFloats(x)) return undefined;
  const [axis] = util.parseAxisParam(attrs.axis, x.shape);
  let first = 0;
  return backend_util.prepareSplitSize(x as never, attrs.numOrSizeSplits, axis).map((length) => {
    const along = (value: number, others: readonly number[]) =>
      others.map((other, at) => (at === axis ? value : other));
    const begin = along(
      first,
      x.shape.map(() => 0),
    );
    first += length;
    return cutOut(backend, x, begin, along(length, x.shape));
  });
}

export function concatenate(
  backend: NativeBackend,
  { inputs, attrs }: KernelCall<TensorInfo[], ConcatAttrs>,
): TensorInfo | undefined {
  const parts = Object.values(inputs) as TensorInfo[];
  if (!areFloats(...parts)) return undefined;
  const [axis] = util.parseAxisParam(attrs.axis, parts[0].shape);
  const shapes = parts.map(({ shape }) => shape);
  backend_util.assertParamsConsistent(shapes, axis);
  const shape = backend_util.computeOutShape(shapes, axis);
  const out = backend.allocate(shape);
  const stepsTo = stepsOf(shape);
  let firstTo = 0;
  for (const part of parts) {
    copyBlock(backend, part, out, {
      lengths: part.shape,
      stepsFrom: stepsOf(part.shape),
      stepsTo,
      firstFrom: 0,
      firstTo,
    });
    firstTo += part.shape[axis] * stepsTo[axis];
  }
  return out;
}

/** x with the order along some axes turned around. */
export function reverse(
  backend: NativeBackend,
  { inputs: { x }, attrs }: KernelCall<ReverseInputs, ReverseAttrs>,
): TensorInfo | undefined {
  if (!areFloats(x) || isEmpty(x)) return undefined;
  const axes = util.parseAxisParam(attrs.dims, x.shape);
  const steps = stepsOf(x.shape);
  const out = backend.allocate(x.shape);
  const stepsFrom = steps.map((step, axis) => (axes.includes(axis) ? -step : step));
  const firstFrom = axes.reduce((place, axis) => place + (x.shape[axis] - 1) * steps[axis], 0);
  copyBlock(backend, x, out, { lengths: x.shape, stepsFrom, stepsTo: steps, firstFrom, firstTo: 0 });
  return out;
}
