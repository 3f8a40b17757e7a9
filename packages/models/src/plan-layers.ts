// Follows the shape of an image through an architecture: what each step computes and which tensors it holds.
import type { ImageShape, Layer } from './layer.ts';
import { indexInTorch, type TrainableTensor } from './tensor-layout.ts';

export type Activation = 'relu' | 'linear';

/** One step of the forward pass; `weight` is the position of its weight in state_dict order, its bias follows. */
export type Step =
  | {
      readonly kind: 'conv';
      readonly weight: number;
      readonly stride: number;
      readonly padding: number;
      readonly activation: Activation;
    }
  | { readonly kind: 'linear'; readonly weight: number; readonly activation: Activation }
  | { readonly kind: 'relu' }
  | { readonly kind: 'flatten'; readonly features: number };

export interface LayerPlan {
  readonly steps: readonly Step[];
  /** In state_dict order. */
  readonly tensors: readonly TrainableTensor[];
  /** Outputs of the last layer. */
  readonly classes: number;
}

/** A layer that cannot follow the one before it. */
export class LayerOrderError extends Error {
  override readonly name = 'LayerOrderError';
  constructor(
    readonly layer: string,
    readonly input: readonly number[],
    readonly limit: string,
  ) {
    super(`layer ${layer} gets an input of shape [${input.join(', ')}]; it needs ${limit}`);
  }
}

function weightAndBias(name: string, outputs: number, window: ImageShape, kind: 'conv' | 'linear'): TrainableTensor[] {
  const [height, width, channels] = window;
  const fanIn = height * width * channels;
  const weight: TrainableTensor = {
    name: `${name}.weight`,
    torchShape: kind === 'conv' ? [outputs, channels, height, width] : [outputs, fanIn],
    shape: kind === 'conv' ? [height, width, channels, outputs] : [fanIn, outputs],
    size: fanIn * outputs,
    fanIn,
    torchIndex: indexInTorch(outputs, channels, height, width),
  };
  return [weight, { name: `${name}.bias`, torchShape: [outputs], shape: [outputs], size: outputs, fanIn }];
}

/** @throws LayerOrderError when a layer does not fit what comes before it. */
export function planLayers(layers: readonly Layer[], imageShape: ImageShape): LayerPlan {
  const steps: Step[] = [];
  const tensors: TrainableTensor[] = [];
  let shape = imageShape;
  let form: 'image' | 'vector' = 'image';
  layers.forEach((layer, position) => {
    const [height, width, channels] = shape;
    const activation = layers[position + 1]?.kind === 'relu' ? 'relu' : 'linear';
    switch (layer.kind) {
      case 'conv': {
        const { name, kernel, stride, padding } = layer;
        const side = (length: number) => Math.floor((length + 2 * padding - kernel) / stride) + 1;
        if (form === 'vector' || Math.min(side(height), side(width)) < 1) {
          throw new LayerOrderError(
            name,
            shape,
            `an image of at least ${kernel - 2 * padding}×${kernel - 2 * padding} pixels`,
          );
        }
        steps.push({ kind: 'conv', weight: tensors.length, stride, padding, activation });
        tensors.push(...weightAndBias(name, layer.channels, [kernel, kernel, channels], 'conv'));
        shape = [side(height), side(width), layer.channels];
        return;
      }
      case 'relu': {
        const before = layers[position - 1]?.kind;
        if (before !== 'conv' && before !== 'linear') steps.push({ kind: 'relu' });
        return;
      }
      case 'flatten':
        steps.push({ kind: 'flatten', features: height * width * channels });
        form = 'vector';
        return;
      case 'linear':
        if (form === 'image') throw new LayerOrderError(layer.name, shape, 'a vector: put a flatten before it');
        steps.push({ kind: 'linear', weight: tensors.length, activation });
        tensors.push(...weightAndBias(layer.name, layer.features, shape, 'linear'));
        shape = [1, 1, layer.features];
        return;
    }
  });
  return { steps, tensors, classes: shape[2] };
}
