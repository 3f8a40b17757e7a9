// 2-D convolution of NHWC images with bias and relu, and its gradients.
import {
  backend_util,
  type Conv2DAttrs,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropFilterInputs,
  type Conv2DBackpropInputAttrs,
  type Conv2DBackpropInputInputs,
  type Conv2DInputs,
  type FusedConv2DAttrs,
  type FusedConv2DInputs,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { geometryOf } from './geometry.ts';
import type { NativeBackend } from './native-backend.ts';
import { areFloats, isEmpty, type KernelCall } from './native-kernel.ts';

type Shape4D = [number, number, number, number];
type Placement = Pick<Conv2DAttrs, 'strides' | 'pad' | 'dataFormat' | 'dimRoundingMode'> & {
  dilations?: Conv2DAttrs['dilations'];
};

/** undefined for what the kernels do not serve: channels first, dilation, empty tensors. */
function plan(inputShape: Shape4D, filterShape: Shape4D, attrs: Placement): backend_util.Conv2DInfo | undefined {
  const info = backend_util.computeConv2DInfo(
    inputShape,
    filterShape,
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
    attrs.dimRoundingMode,
    false,
    backend_util.convertConv2DDataFormat(attrs.dataFormat),
  );
  const served =
    info.dataFormat === 'channelsLast' &&
    info.dilationHeight === 1 &&
    info.dilationWidth === 1 &&
    ![info.inShape, info.outShape, info.filterShape].flat().some((extent) => extent <= 0);
  return served ? info : undefined;
}

/**
 * relu?(x * filter + bias) for x [batch, height, width, in], filter [height, width, in, out], bias [out];
 * undefined where it is not served: channels first, dilation, other types and activations.
 */
export function convolve(
  backend: NativeBackend,
  { inputs, attrs }: KernelCall<Conv2DInputs | FusedConv2DInputs, Conv2DAttrs & Partial<FusedConv2DAttrs>>,
): TensorInfo | undefined {
  const { x, filter, bias } = inputs as FusedConv2DInputs;
  const { activation = 'linear' } = attrs;
  const info = plan(x.shape as Shape4D, filter.shape as Shape4D, attrs);
  const biasServed =
    bias === undefined || bias === null || (util.arraysEqual(bias.shape, filter.shape.slice(3)) && areFloats(bias));
  if (!info || !biasServed || !areFloats(x, filter) || (activation !== 'linear' && activation !== 'relu'))
    return undefined;

  const out = backend.allocate(info.outShape);
  backend.addon.convolve(
    backend.values(x),
    backend.values(filter),
    bias ? backend.values(bias) : null,
    backend.values(out),
    geometryOf(info),
    activation === 'relu' ? 1 : 0,
  );
  return out;
}

/** dx [batch, height, width, in] from dy [batch, outHeight, outWidth, out]. */
export function convolveToInput(
  backend: NativeBackend,
  { inputs, attrs }: KernelCall<Conv2DBackpropInputInputs, Conv2DBackpropInputAttrs>,
): TensorInfo | undefined {
  const { dy, filter } = inputs;
  const info = plan(attrs.inputShape, filter.shape as Shape4D, attrs);
  if (!info || isEmpty(dy) || !areFloats(dy, filter)) return undefined;
  const out = backend.allocate(info.inShape);
  backend.addon.convolveToInput(backend.values(dy), backend.values(filter), backend.values(out), geometryOf(info));
  return out;
}

/** dFilter [height, width, in, out] from x and dy. */
export function convolveToFilter(
  backend: NativeBackend,
  { inputs, attrs }: KernelCall<Conv2DBackpropFilterInputs, Conv2DBackpropFilterAttrs>,
): TensorInfo | undefined {
  const { x, dy } = inputs;
  const info = plan(x.shape as Shape4D, attrs.filterShape, attrs);
  if (!info || isEmpty(dy) || !areFloats(x, dy)) return undefined;
  const out = backend.allocate(info.filterShape);
  backend.addon.convolveToFilter(backend.values(x), backend.values(dy), backend.values(out), geometryOf(info));
  return out;
}
