// The multiply-adds of one image through the convolutions and products of a layer plan: what speeds are held against.
import type { ImageShape } from './layer.ts';
import { type LayerPlan, sides, type Step, type WindowRule, windowsAlong } from './plan-layers.ts';

/** Of one image; of a convolution kernel² · inputs · outputs for each of its output pixels, those on the border too. */
export interface MultiplyAdds {
  readonly forward: number;
  /** The share of the layers that see the pixels themselves: no other layer's weights need the gradient at their input. */
  readonly onPixels: number;
}

/** @param imageShape of what enters the first layer, in pixels */
export function countMultiplyAdds({ steps, tensors }: LayerPlan, imageShape: ImageShape): MultiplyAdds {
  const counter = new Counter(tensors.map(({ shape }) => shape));
  counter.sequence(steps, { shape: imageShape, from: 'pixels' });
  const { forward, onPixels } = counter;
  return { forward, onPixels };
}

/** What flows from one step to the next, and whether weights have had a part in it. */
interface Flow {
  readonly shape: ImageShape;
  readonly from: 'pixels' | 'weights';
}

class Counter {
  forward = 0;
  onPixels = 0;

  constructor(readonly weights: readonly (readonly number[])[]) {}

  sequence(steps: readonly Step[], entry: Flow): Flow {
    return steps.reduce((flow, step) => this.#step(step, flow), entry);
  }

  #step(step: Step, flow: Flow): Flow {
    const [height, width, channels] = flow.shape;
    switch (step.kind) {
      case 'conv': {
        const [kernel, , inputs, outputs] = this.weights[step.weight];
        const shape = slide(
          flow.shape,
          { size: kernel, stride: step.stride, margin: sum(sides(step.padding)) },
          outputs,
        );
        return this.#count(shape, shape[0] * shape[1] * kernel ** 2 * inputs * outputs, flow);
      }
      case 'linear': {
        const [inputs, outputs] = this.weights[step.weight];
        return this.#count([1, 1, outputs], inputs * outputs, flow);
      }
      case 'batch_norm':
        return { shape: flow.shape, from: 'weights' };
      case 'pool':
        return { ...flow, shape: slide(flow.shape, { size: step.size, stride: step.stride, margin: 0 }, channels) };
      case 'global_average':
        return { ...flow, shape: [1, 1, channels] };
      case 'flatten':
        return { ...flow, shape: [1, 1, height * width * channels] };
      case 'relu':
      case 'silu':
      case 'dropout':
        return flow;
      case 'residual': {
        const entry = this.sequence(step.entry, flow);
        const branch = this.sequence(step.branch, entry);
        this.sequence(step.shortcut, step.shortcut.length > 0 && step.shortcutFrom === 'entry' ? entry : flow);
        return branch;
      }
    }
  }

  #count(shape: ImageShape, multiplyAdds: number, { from }: Flow): Flow {
    this.forward += multiplyAdds;
    if (from === 'pixels') this.onPixels += multiplyAdds;
    return { shape, from: 'weights' };
  }
}

const sum = ([before, after]: readonly [number, number]): number => before + after;

const slide = ([height, width]: ImageShape, rule: WindowRule, channels: number): ImageShape => [
  windowsAlong(height, rule),
  windowsAlong(width, rule),
  channels,
];
