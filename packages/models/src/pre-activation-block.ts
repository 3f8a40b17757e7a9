// The pre-activation residual block of He et al. 2016 (arXiv:1603.05027) in the variants that robustness code uses.
import type { InitialValues, Layer, Padding } from './layer.ts';

/** What the blocks of one network have in common. */
export interface BlockStyle {
  /** Of the block's parts within its own name, as the reference code names them. */
  readonly names: {
    readonly firstNorm: string;
    readonly firstConv: string;
    readonly secondNorm: string;
    readonly secondConv: string;
    readonly shortcut: string;
  };
  readonly activation: 'relu' | 'silu';
  /** `same` is TensorFlow's: with stride 2, and sides of even length, one row and column at the bottom and right. */
  readonly border: 'symmetric' | 'same';
  readonly shortcut: {
    readonly kernel: 1 | 3;
    /** Whether a stride alone asks for a convolution on the shortcut. */
    readonly where: 'channels_differ' | 'shape_differs';
    readonly from: 'input' | 'entry';
  };
  readonly initial: InitialValues;
}

export interface BlockSize {
  readonly input: number;
  readonly output: number;
  readonly stride: number;
}

function preActivationBlock(style: BlockStyle, name: string, { input, output, stride }: BlockSize): Layer {
  const { names, border, shortcut, initial } = style;
  const conv = (part: string, kernel: number, step: number): Layer => {
    const around: Padding = border === 'same' && step === 2 ? [0, 1] : 1;
    const padding = kernel === 3 ? around : 0;
    return {
      kind: 'conv',
      name: `${name}.${part}`,
      channels: output,
      kernel,
      stride: step,
      padding,
      bias: 'none',
      initial,
    };
  };
  const norm = (part: string): Layer[] => [{ kind: 'batch_norm', name: `${name}.${part}` }, { kind: style.activation }];
  const reshapes = input !== output || (shortcut.where === 'shape_differs' && stride !== 1);
  return {
    kind: 'residual',
    entry: norm(names.firstNorm),
    branch: [conv(names.firstConv, 3, stride), ...norm(names.secondNorm), conv(names.secondConv, 3, 1)],
    shortcut: reshapes ? [conv(names.shortcut, shortcut.kernel, stride)] : [],
    shortcutFrom: shortcut.from,
  };
}

/** `count` blocks `<name>.0`, `<name>.1`, …; the first changes channels and stride. */
export function blockGroup(style: BlockStyle, name: string, count: number, size: BlockSize): Layer[] {
  const rest = { input: size.output, output: size.output, stride: 1 };
  return Array.from({ length: count }, (_, i) => preActivationBlock(style, `${name}.${i}`, i === 0 ? size : rest));
}
