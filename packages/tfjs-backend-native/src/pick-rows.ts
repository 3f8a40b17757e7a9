// Rows picked by number, and its gradient: rows added up by number.
import {
  backend_util,
  type GatherV2Attrs,
  type GatherV2Inputs,
  type TensorInfo,
  type UnsortedSegmentSumAttrs,
  type UnsortedSegmentSumInputs,
  util,
} from '@tensorflow/tfjs-core';
import type { NativeBackend } from './native-backend.ts';
import { areFloats, isEmpty, type KernelCall } from './native-kernel.ts';

/** undefined for batch dimensions, other types, and numbers that name no row, which the stock kernel reports. */
export function gatherRows(
  backend: NativeBackend,
  { inputs: { x, indices }, attrs }: KernelCall<GatherV2Inputs, GatherV2Attrs>,
): TensorInfo | undefined {
  if (!areFloats(x) || isEmpty(x) || indices.dtype !== 'int32' || attrs.batchDims !== 0) return undefined;
  const [axis] = util.parseAxisParam(attrs.axis, x.shape);
  const info = backend_util.segment_util.collectGatherOpShapeInfo(x as never, indices as never, axis, 0);
  const picked = backend.values(indices);
  if (picked.some((row) => row < 0 || row >= info.dimSize)) return undefined;
  const out = backend.allocate(info.outputShape);
  const [table, rows] = [backend.values(x), backend.values(out)];
  backend.addon.gatherRows(table, picked, rows, info.outerSize, info.dimSize, info.sliceSize, picked.length);
  return out;
}

/** Rows of x that carry the same id, added up in their order; undefined for other types and ids of more than one axis. */
export function sumSegments(
  backend: NativeBackend,
  { inputs: { x, segmentIds }, attrs }: KernelCall<UnsortedSegmentSumInputs, UnsortedSegmentSumAttrs>,
): TensorInfo | undefined {
  if (!areFloats(x) || segmentIds.dtype !== 'int32' || segmentIds.shape.length !== 1) return undefined;
  const [rows, ...row] = x.shape;
  const out = backend.allocate([attrs.numSegments, ...row]);
  const [values, ids, sums] = [x, segmentIds, out].map((tensor) => backend.values(tensor));
  backend.addon.sumSegments(values, ids, sums, rows, util.sizeFromShape(row), attrs.numSegments);
  return out;
}
