// Follows the shape of an image through an architecture: what each step computes and which tensors it holds.
import type { ImageShape, InitialValues, Layer, Padding } from './layer.ts';
import type { StateEntry } from './state-dict.ts';
import type { BufferTensor, InitialRule, TrainableTensor, WeightExtents } from './tensor-layout.ts';

export type Activation = 'relu' | 'linear';

/** Whether the tensor after a weight in state_dict order is its bias. */
export type Bias = 'next' | 'none';

/** One step of the forward pass; `weight` is the position of its weight in state_dict order, its bias follows. */
export type Step =
  | {
      readonly kind: 'conv';
      readonly weight: number;
      readonly bias: Bias;
      readonly stride: number;
      readonly padding: Padding;
      readonly activation: Activation;
    }
  /** `buffer` is the position of its running mean among the buffers, its running variance follows. */
  | {
      readonly kind: 'batch_norm';
      readonly weight: number;
      readonly buffer: number;
      readonly activation: Activation;
    }
  | { readonly kind: 'linear'; readonly weight: number; readonly activation: Activation }
  | { readonly kind: 'relu' }
  | { readonly kind: 'silu' }
  | {
      readonly kind: 'pool';
      readonly take: 'max' | 'average';
      readonly size: number;
      readonly stride: number;
      readonly activation: Activation;
    }
  | { readonly kind: 'global_average'; readonly pixels: number }
  | { readonly kind: 'flatten'; readonly features: number }
  /** `layer` counts the dropout layers from 0. */
  | { readonly kind: 'dropout'; readonly layer: number; readonly rate: number }
  | {
      readonly kind: 'residual';
      readonly entry: readonly Step[];
      readonly branch: readonly Step[];
      readonly shortcut: readonly Step[];
      readonly shortcutFrom: 'input' | 'entry';
    };

export interface LayerPlan {
  readonly steps: readonly Step[];
  /** In state_dict order. */
  readonly tensors: readonly TrainableTensor[];
  /** Running mean and variance of each batch norm, in state_dict order. */
  readonly buffers: readonly BufferTensor[];
  /** All of a state_dict. */
  readonly state: readonly StateEntry[];
  /** Positions of the trainable tensors that no step computes with. */
  readonly unused: readonly number[];
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

/** Layers whose step also computes a relu behind them. */
const WITH_RELU: ReadonlySet<Layer['kind']> = new Set(['conv', 'linear', 'batch_norm']);

/** Maximum and relu change places with the same result, and behind the maximum there are fewer pixels. */
const isMaxPool = (layer: Layer | undefined): boolean => layer?.kind === 'pool' && layer.take === 'max';

/** What flows from one layer to the next. */
interface Flow {
  readonly shape: ImageShape;
  readonly form: 'image' | 'vector';
}

interface Planned {
  readonly steps: Step[];
  readonly exit: Flow;
}

/** @throws LayerOrderError when a layer does not fit what comes before it. */
export function planLayers(layers: readonly Layer[], imageShape: ImageShape, classes: number): LayerPlan {
  const planner = new Planner(classes);
  const { steps, exit } = planner.sequence(layers, { shape: imageShape, form: 'image' });
  const { tensors, buffers, state, unused } = planner;
  return { steps, tensors, buffers, state, unused, classes: exit.shape[2] };
}

export const sides = (padding: Padding): readonly [before: number, after: number] =>
  typeof padding === 'number' ? [padding, padding] : padding;

class Planner {
  readonly tensors: TrainableTensor[] = [];
  readonly buffers: BufferTensor[] = [];
  readonly state: StateEntry[] = [];
  readonly unused: number[] = [];
  #dropouts = 0;

  constructor(readonly classes: number) {}

  sequence(layers: readonly Layer[], entry: Flow): Planned {
    const steps: Step[] = [];
    let flow = entry;
    layers.forEach((layer, position) => {
      const [beforeLast, before] = [layers[position - 2], layers[position - 1]];
      const [next, afterNext] = [layers[position + 1], layers[position + 2]];
      if (layer.kind === 'relu' && before !== undefined && WITH_RELU.has(before.kind)) return; // computed with another layer
      const waits = isMaxPool(layer) && before?.kind === 'relu' && beforeLast?.kind === 'conv';
      const follows = next?.kind === 'relu' && !(layer.kind === 'conv' && isMaxPool(afterNext));
      const planned = this.#layer(layer, flow, waits || (WITH_RELU.has(layer.kind) && follows) ? 'relu' : 'linear');
      steps.push(...planned.steps);
      flow = planned.exit;
    });
    return { steps, exit: flow };
  }

  #layer(layer: Layer, flow: Flow, activation: Activation): Planned {
    const [height, width, channels] = flow.shape;
    const same = (step: Step): Planned => ({ steps: [step], exit: flow });
    switch (layer.kind) {
      case 'conv': {
        const { name, kernel, stride, padding, initial = 'uniform' } = layer;
        const bias = layer.bias ?? 'next';
        const margin = sides(padding)[0] + sides(padding)[1];
        const shape = windows(name, flow, { size: kernel, stride, margin }, layer.channels);
        const weight = this.tensors.length;
        this.#weights(
          name,
          [kernel, kernel],
          { outputs: layer.channels, channels, pixels: kernel ** 2 },
          initial,
          bias,
        );
        return { steps: [{ kind: 'conv', weight, bias, stride, padding, activation }], exit: { shape, form: 'image' } };
      }
      case 'batch_norm': {
        if (flow.form === 'vector') throw new LayerOrderError(layer.name, flow.shape, 'an image');
        const [weight, buffer] = [this.tensors.length, this.buffers.length];
        const step: Step = { kind: 'batch_norm', weight, buffer, activation };
        this.#batchNorm(layer.name, channels);
        return same(step);
      }
      case 'relu':
      case 'silu':
        return same(layer);
      case 'dropout':
        return same({ kind: 'dropout', layer: this.#dropouts++, rate: layer.rate });
      case 'pool': {
        const shape = windows('pool', flow, { ...layer, margin: 0 }, channels);
        return { steps: [{ ...layer, activation }], exit: { shape, form: 'image' } };
      }
      case 'global_average': {
        if (flow.form === 'vector') throw new LayerOrderError('global_average', flow.shape, 'an image');
        const step: Step = { kind: 'global_average', pixels: height * width };
        return { steps: [step], exit: { shape: [1, 1, channels], form: 'vector' } };
      }
      case 'flatten':
        return {
          steps: [{ kind: 'flatten', features: height * width * channels }],
          exit: { shape: flow.shape, form: 'vector' },
        };
      case 'linear': {
        const { name, initial = 'uniform' } = layer;
        if (flow.form === 'image') throw new LayerOrderError(name, flow.shape, 'a vector: put a flatten before it');
        const outputs = layer.features === 'classes' ? this.classes : layer.features;
        const weight = this.tensors.length;
        this.#weights(name, [], { outputs, channels, pixels: height * width }, initial, 'next');
        return {
          steps: [{ kind: 'linear', weight, activation }],
          exit: { shape: [1, 1, outputs], form: 'vector' },
        };
      }
      case 'residual':
        return this.#residual(layer, flow);
      case 'unused': {
        const first = this.tensors.length;
        this.sequence(layer.layers, { ...flow, shape: [height, width, layer.channels] });
        for (let position = first; position < this.tensors.length; position += 1) this.unused.push(position);
        return { steps: [], exit: flow };
      }
    }
  }

  #residual({ shortcutFrom, ...parts }: Extract<Layer, { kind: 'residual' }>, flow: Flow): Planned {
    const entry = this.sequence(parts.entry, flow);
    const branch = this.sequence(parts.branch, entry.exit);
    const from = shortcutFrom === 'entry' && parts.shortcut.length > 0 ? entry.exit : flow;
    const shortcut = this.sequence(parts.shortcut, from);
    if (shortcut.exit.shape.join() !== branch.exit.shape.join()) {
      throw new LayerOrderError('residual', shortcut.exit.shape, `a shortcut to [${branch.exit.shape.join(', ')}]`);
    }
    const steps = { entry: entry.steps, branch: branch.steps, shortcut: shortcut.steps, shortcutFrom };
    return { steps: [{ kind: 'residual', ...steps }], exit: branch.exit };
  }

  /** @param kernel height and width of a convolution's kernel; none for a linear layer */
  #weights(name: string, kernel: readonly number[], extents: WeightExtents, initial: InitialValues, bias: Bias): void {
    const { outputs, channels, pixels } = extents;
    const fanIn = channels * pixels;
    const rules = initialRules(initial, fanIn, outputs * pixels);
    const linear = kernel.length === 0;
    this.#trainable({
      name: `${name}.weight`,
      torchShape: linear ? [outputs, fanIn] : [outputs, channels, ...kernel],
      shape: linear ? [fanIn, outputs] : [...kernel, channels, outputs],
      size: fanIn * outputs,
      initial: rules.weight,
      extents,
    });
    if (bias === 'next') this.#vector(`${name}.bias`, outputs, rules.bias);
  }

  #batchNorm(name: string, channels: number): void {
    this.#vector(`${name}.weight`, channels, { kind: 'constant', value: 1 });
    this.#vector(`${name}.bias`, channels, { kind: 'constant', value: 0 });
    for (const [buffer, initial] of [['running_mean', 0] as const, ['running_var', 1] as const]) {
      const tensor: BufferTensor = { name: `${name}.${buffer}`, shape: [channels], size: channels, initial };
      const source = { kind: 'buffer', position: this.buffers.length } as const;
      this.state.push({ name: tensor.name, shape: tensor.shape, source });
      this.buffers.push(tensor);
    }
    this.state.push({ name: `${name}.num_batches_tracked`, shape: [], source: { kind: 'batches_tracked' } });
  }

  #vector(name: string, size: number, initial: InitialRule): void {
    this.#trainable({ name, torchShape: [size], shape: [size], size, initial });
  }

  #trainable(tensor: TrainableTensor): void {
    const source = { kind: 'parameter', position: this.tensors.length } as const;
    this.state.push({ name: tensor.name, shape: tensor.torchShape, source });
    this.tensors.push(tensor);
  }
}

export interface WindowRule {
  readonly size: number;
  readonly stride: number;
  /** Both sides together. */
  readonly margin: number;
}

/** Windows along a side of an image. */
export const windowsAlong = (length: number, { size, stride, margin }: WindowRule): number =>
  Math.floor((length + margin - size) / stride) + 1;

/** The shape after windows have gone over an image. */
function windows(
  layer: string,
  { shape: [height, width, depth], form }: Flow,
  rule: WindowRule,
  channels: number,
): ImageShape {
  const side = (length: number) => windowsAlong(length, rule);
  if (form === 'vector' || Math.min(side(height), side(width)) < 1) {
    const least = Math.max(1, rule.size - rule.margin);
    throw new LayerOrderError(layer, [height, width, depth], `an image of at least ${least}×${least} pixels`);
  }
  return [side(height), side(width), channels];
}

function initialRules(initial: InitialValues, fanIn: number, fanOut: number) {
  const uniform: InitialRule = { kind: 'uniform', bound: 1 / Math.sqrt(fanIn) };
  const zero: InitialRule = { kind: 'constant', value: 0 };
  switch (initial) {
    case 'uniform':
      return { weight: uniform, bias: uniform };
    case 'he_fan_out':
      return { weight: { kind: 'normal', deviation: Math.sqrt(2 / fanOut) } as const, bias: zero };
    case 'zero_bias':
      return { weight: uniform, bias: zero };
    case 'zero':
      return { weight: zero, bias: zero };
  }
}
