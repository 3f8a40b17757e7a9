// 2-D pooling of NHWC images by maximum or mean, and the gradients.
import {
  type AvgPoolAttrs,
  type AvgPoolGradInputs,
  type AvgPoolInputs,
  backend_util,
  type MaxPoolAttrs,
  type MaxPoolGradInputs,
  type MaxPoolInputs,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { geometryOf } from './geometry.ts';
import type { NativeBackend } from './native-backend.ts';
import { areFloats, isEmpty, type KernelCall } from './native-kernel.ts';

type Placement = MaxPoolAttrs | AvgPoolAttrs;

function plan({ shape }: TensorInfo, attrs: Placement): backend_util.Conv2DInfo {
  const { filterSize, strides, pad, dimRoundingMode } = attrs;
  return backend_util.computePool2DInfo(
    shape as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
}

const isWithoutBorder = ({ padInfo }: backend_util.Conv2DInfo): boolean =>
  padInfo.top === 0 && padInfo.left === 0 && padInfo.bottom === 0 && padInfo.right === 0;

/** The maximum of every window; NaN is the largest of all. */
export function maxPool(
  backend: NativeBackend,
  { inputs: { x }, attrs }: KernelCall<MaxPoolInputs, MaxPoolAttrs>,
): TensorInfo | undefined {
  const info = plan(x, attrs);
  if (!areFloats(x) || isEmpty(x) || info.outShape.some((extent) => extent <= 0)) return undefined;
  const out = backend.allocate(info.outShape);
  backend.addon.maxPool(backend.values(x), backend.values(out), geometryOf(info));
  return out;
}

/** dx with the shape of `input`: each window's gradient goes to its first maximum. */
export function maxPoolGradient(
  backend: NativeBackend,
  { inputs: { dy, input, output }, attrs }: KernelCall<MaxPoolGradInputs, MaxPoolAttrs>,
): TensorInfo | undefined {
  if (!areFloats(dy, input, output) || isEmpty(input) || isEmpty(dy)) return undefined;
  const out = backend.allocate(input.shape);
  const [gradient, images, maxima] = [dy, input, output].map((tensor) => backend.values(tensor));
  backend.addon.maxPoolToInput(gradient, images, maxima, backend.values(out), geometryOf(plan(input, attrs)));
  return out;
}

/** undefined where windows reach over a border: implementations differ in what they divide by there. */
export function averagePool(
  backend: NativeBackend,
  { inputs: { x }, attrs }: KernelCall<AvgPoolInputs, AvgPoolAttrs>,
): TensorInfo | undefined {
  const info = plan(x, attrs);
  if (!areFloats(x) || isEmpty(x) || info.outShape.some((extent) => extent <= 0) || !isWithoutBorder(info))
    return undefined;
  const out = backend.allocate(info.outShape);
  backend.addon.averagePool(backend.values(x), backend.values(out), geometryOf(info));
  return out;
}

export function averagePoolGradient(
  backend: NativeBackend,
  { inputs: { dy, input }, attrs }: KernelCall<AvgPoolGradInputs, AvgPoolAttrs>,
): TensorInfo | undefined {
  const info = plan(input, attrs);
  if (!areFloats(dy, input) || isEmpty(input) || isEmpty(dy) || !isWithoutBorder(info)) return undefined;
  const out = backend.allocate(input.shape);
  backend.addon.averagePoolToInput(backend.values(dy), backend.values(out), geometryOf(info));
  return out;
}
