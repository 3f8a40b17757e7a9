// UnsortedSegmentSum, the gradient of gather, which the stock backend does not have.
import {
  type TensorInfo,
  type UnsortedSegmentSumAttrs,
  type UnsortedSegmentSumInputs,
  util,
} from '@tensorflow/tfjs-core';
import type { KernelCall, KernelModule } from './kernel-module.ts';

/** out[s] = sum of the rows x[i] with segmentIds[i] = s; ids outside [0, numSegments) are dropped; undefined for other types than float32. */
export function sumSegments(
  module: KernelModule,
  { inputs, attrs }: KernelCall<UnsortedSegmentSumInputs, UnsortedSegmentSumAttrs>,
): TensorInfo | undefined {
  const { x, segmentIds } = inputs;
  if (x.dtype !== 'float32') return undefined;

  const rowShape = x.shape.slice(segmentIds.shape.length);
  const row = util.sizeFromShape(rowShape);
  const out = module.allocate([attrs.numSegments, ...rowShape]);
  // Views are made after the allocation, which may have replaced the heap's buffer.
  const ids = new Int32Array(module.heap(), module.address(segmentIds), util.sizeFromShape(segmentIds.shape));
  const terms = new Float32Array(module.heap(), module.address(x), ids.length * row);
  const sums = new Float32Array(module.heap(), module.address(out), attrs.numSegments * row).fill(0);
  for (const [i, id] of ids.entries()) {
    if (id < 0 || id >= attrs.numSegments) continue;
    for (let j = 0; j < row; j++) sums[id * row + j]! += terms[i * row + j]!;
  }
  return out;
}
