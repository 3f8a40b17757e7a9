// Operations on one float tensor, element by element; changes of type; choices between two tensors.
import {
  type CastAttrs,
  type CastInputs,
  type SelectInputs,
  type TensorInfo,
  type UnaryInputs,
  util,
} from '@tensorflow/tfjs-core';
import type { UnaryKernelName } from './kernel-names.ts';
import type { NativeBackend } from './native-backend.ts';
import { areFloats, type KernelCall } from './native-kernel.ts';

/** Whatever numbers a kernel of this kind is made with. */
interface MapAttrs {
  readonly alpha?: number;
  readonly clipValueMin?: number;
  readonly clipValueMax?: number;
}

/** The kernel of an operation; undefined for other types than float32. */
export function mapElements(operation: UnaryKernelName) {
  return (backend: NativeBackend, { inputs, attrs }: KernelCall<UnaryInputs, MapAttrs>): TensorInfo | undefined => {
    const { x } = inputs;
    if (!areFloats(x)) return undefined;
    const { clipValueMin, clipValueMax = 0, alpha = 0 } = attrs;
    const out = backend.allocate(x.shape);
    const size = util.sizeFromShape(x.shape);
    backend.addon[operation](backend.values(x), backend.values(out), size, clipValueMin ?? alpha, clipValueMax);
    return out;
  };
}

/** To the same type, or to float32 from the others; undefined for all else. */
export function castElements(
  backend: NativeBackend,
  { inputs, attrs }: KernelCall<CastInputs, CastAttrs>,
): TensorInfo | undefined {
  const { x } = inputs;
  if (x.dtype === attrs.dtype) return backend.share(x, x.shape, x.dtype);
  if (attrs.dtype !== 'float32' || (x.dtype !== 'bool' && x.dtype !== 'int32')) return undefined;
  const out = backend.allocate(x.shape);
  const cast = x.dtype === 'bool' ? backend.addon.BoolToFloat : backend.addon.IntToFloat;
  cast(backend.values(x), backend.values(out), util.sizeFromShape(x.shape), 0, 0);
  return out;
}

/** Rows of t where the condition holds, else of e; a condition of t's shape chooses elements. */
export function selectElements(
  backend: NativeBackend,
  { inputs }: KernelCall<SelectInputs, unknown>,
): TensorInfo | undefined {
  const { condition, t, e } = inputs;
  if (!areFloats(t, e) || condition.dtype !== 'bool') return undefined;
  const out = backend.allocate(t.shape);
  const rows = util.sizeFromShape(condition.shape);
  const columns = rows === 0 ? 0 : util.sizeFromShape(t.shape) / rows;
  const [choices, ifTrue, ifFalse] = [condition, t, e].map((tensor) => backend.values(tensor));
  backend.addon.select(choices, ifTrue, ifFalse, backend.values(out), rows, columns);
  return out;
}
