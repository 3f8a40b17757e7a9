// Sums, means and extremes over any axes, places of maxima, softmax.
import {
  type ArgMaxAttrs,
  type ArgMaxInputs,
  backend_util,
  type MaxAttrs,
  type SoftmaxAttrs,
  type SoftmaxInputs,
  type SumAttrs,
  type TensorInfo,
  type UnaryInputs,
  util,
} from '@tensorflow/tfjs-core';
import { permute } from './move-elements.ts';
import type { NativeBackend } from './native-backend.ts';
import { areFloats, isEmpty, type KernelCall } from './native-kernel.ts';

type Extents = [outer: number, length: number, inner: number];

/** Which elements are reduced, as the middle of three axes; undefined where they are not neighbours. */
function middleOf(shape: readonly number[], axes: readonly number[]): Extents | undefined {
  // Axes of length 1 are in nobody's way.
  const reduced = axes.filter((axis) => shape[axis] !== 1).sort((a, b) => a - b);
  if (reduced.length === 0) return [util.sizeFromShape([...shape]), 1, 1];
  const [first, last] = [reduced[0], reduced[reduced.length - 1]];
  const between = shape.slice(first, last + 1);
  if (between.filter((length) => length !== 1).length !== reduced.length) return undefined;
  const size = (lengths: readonly number[]) => lengths.reduce((product, length) => product * length, 1);
  return [size(shape.slice(0, first)), size(between), size(shape.slice(last + 1))];
}

/** `reduce` over a tensor whose reduced axes are neighbours: x itself, or a copy with these axes last. */
function overAxes(
  backend: NativeBackend,
  x: TensorInfo,
  { axis, keepDims }: { readonly axis: number | number[]; readonly keepDims: boolean },
  reduce: (x: Float32Array, out: Float32Array, extents: Extents) => void,
): TensorInfo | undefined {
  if (!areFloats(x) || isEmpty(x)) return undefined;
  const axes = util.parseAxisParam(axis, x.shape);
  const [kept] = backend_util.computeOutAndReduceShapes(x.shape, axes);
  const out = backend.allocate(keepDims ? backend_util.expandShapeToKeepDim(kept, axes) : kept);
  const extents = middleOf(x.shape, axes);
  if (extents) {
    reduce(backend.floats(x), backend.floats(out), extents);
    return out;
  }
  const others = x.shape.map((_, at) => at).filter((at) => !axes.includes(at));
  const moved = permute(backend, x, [...others, ...axes]);
  const outer = util.sizeFromShape(kept);
  reduce(backend.floats(moved), backend.floats(out), [outer, util.sizeFromShape(x.shape) / outer, 1]);
  backend.disposeData(moved.dataId);
  return out;
}

/** Added up in blocks of float32, which go into float64. */
export function sumAxes(
  backend: NativeBackend,
  { inputs, attrs }: KernelCall<UnaryInputs, SumAttrs>,
): TensorInfo | undefined {
  return overAxes(backend, inputs.x, attrs, (x, out, extents) => backend.addon.sum(x, out, ...extents, 1));
}

export function meanAxes(
  backend: NativeBackend,
  { inputs, attrs }: KernelCall<UnaryInputs, SumAttrs>,
): TensorInfo | undefined {
  return overAxes(backend, inputs.x, attrs, (x, out, extents) => backend.addon.sum(x, out, ...extents, extents[1]));
}

export function extremeAlongAxes(which: 'Max' | 'Min') {
  return (
    backend: NativeBackend,
    { inputs, attrs: { keepDims, ...attrs } }: KernelCall<UnaryInputs, MaxAttrs | SumAttrs>,
  ): TensorInfo | undefined => {
    // tfjs-core names the axes of a maximum differently from those of a minimum.
    const axis = 'reductionIndices' in attrs ? attrs.reductionIndices : attrs.axis;
    return overAxes(backend, inputs.x, { axis, keepDims }, (x, out, extents) =>
      backend.addon[which](x, out, ...extents),
    );
  };
}

/** int32 places of the first largest values along one axis. */
export function argMax(
  backend: NativeBackend,
  { inputs: { x }, attrs }: KernelCall<ArgMaxInputs, ArgMaxAttrs>,
): TensorInfo | undefined {
  const [axis] = util.parseAxisParam(attrs.axis, x.shape);
  if (!areFloats(x) || isEmpty(x)) return undefined;
  const [outer, inner] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const [rows, columns] = [util.sizeFromShape(outer), util.sizeFromShape(inner)];
  const places = new Int32Array(rows * columns);
  backend.addon.argMax(backend.values(x), places, rows, x.shape[axis], columns);
  return backend.makeTensorInfo([...outer, ...inner], 'int32', places);
}

/** Over the last axis. */
export function softmax(
  backend: NativeBackend,
  { inputs: { logits }, attrs }: KernelCall<SoftmaxInputs, SoftmaxAttrs>,
): TensorInfo | undefined {
  const last = logits.shape.length - 1;
  if (!areFloats(logits) || isEmpty(logits) || (attrs.dim !== last && attrs.dim !== -1)) return undefined;
  const columns = logits.shape[last];
  const out = backend.allocate(logits.shape);
  const rows = util.sizeFromShape(logits.shape) / columns;
  backend.addon.softmax(backend.values(logits), backend.values(out), rows, columns);
  return out;
}
