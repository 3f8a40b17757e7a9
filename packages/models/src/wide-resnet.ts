// Wide residual networks (Zagoruyko & Komodakis 2016, arXiv:1605.07146) as adversarial training uses them: of DeepMind (Gowal et
// al. 2020, arXiv:2010.03593), of Rice et al. 2020 (arXiv:2002.11569) and of TRADES (Zhang et al. 2019, arXiv:1901.08573).
import type { Architecture, Layer } from './layer.ts';
import { type BlockStyle, blockGroup } from './pre-activation-block.ts';

/** Depth is 6n + 4 for n blocks a group; width multiplies the channels 16, 32, 64. */
export interface WideResNetSize {
  readonly depth: number;
  readonly width: number;
  /** Trainable parameters and running statistics for CIFAR-10. */
  readonly parameterCount: number;
  readonly bufferCount: number;
}

interface Names {
  readonly stem: string;
  /** of group i, counted from 0 */
  readonly group: (i: number) => string;
  readonly norm: string;
  readonly logits: string;
}

function layers(style: BlockStyle, { depth, width }: WideResNetSize, names: Names, afterFirst: Layer[] = []): Layer[] {
  const blocks = (depth - 4) / 6;
  const groups = [1, 2, 4].map((factor, i) => {
    const input = i === 0 ? 16 : (16 * width * factor) / 2;
    return blockGroup(style, names.group(i), blocks, { input, output: 16 * width * factor, stride: i === 0 ? 1 : 2 });
  });
  const { initial } = style;
  return [
    { kind: 'conv', name: names.stem, channels: 16, kernel: 3, stride: 1, padding: 1, bias: 'none', initial },
    ...groups[0],
    ...afterFirst,
    ...groups.slice(1).flat(),
    { kind: 'batch_norm', name: names.norm },
    { kind: style.activation },
    { kind: 'global_average' },
    { kind: 'linear', name: names.logits, features: 'classes', initial: 'zero_bias' },
  ];
}

/** WideResNet of DeepMind's adversarial_robustness/pytorch/model_zoo.py, DMWideResNet in RobustBench. */
export const wideResNetDeepmind = (size: WideResNetSize, activation: BlockStyle['activation']): Architecture => ({
  name: `wrn-${size.depth}-${size.width}-deepmind-${activation}`,
  imageShape: [32, 32, 3],
  parameterCount: size.parameterCount,
  bufferCount: size.bufferCount,
  leastSide: 32,
  normalisationNames: { mean: 'mean', std: 'std' },
  layers: layers(
    {
      names: {
        firstNorm: 'batchnorm_0',
        firstConv: 'conv_0',
        secondNorm: 'batchnorm_1',
        secondConv: 'conv_1',
        shortcut: 'shortcut',
      },
      activation,
      border: 'same',
      shortcut: { kernel: 1, where: 'channels_differ', from: 'entry' },
      initial: 'he_fan_out',
    },
    size,
    { stem: 'init_conv', group: (i) => `layer.${i}.block`, norm: 'batchnorm', logits: 'logits' },
  ),
});

const BASIC_STYLE: BlockStyle = {
  names: { firstNorm: 'bn1', firstConv: 'conv1', secondNorm: 'bn2', secondConv: 'conv2', shortcut: 'convShortcut' },
  activation: 'relu',
  border: 'symmetric',
  shortcut: { kernel: 1, where: 'channels_differ', from: 'entry' },
  initial: 'he_fan_out',
};
const BASIC_NAMES: Names = { stem: 'conv1', group: (i) => `block${i + 1}.layer`, norm: 'bn1', logits: 'fc' };

const basic = (name: string, size: WideResNetSize, afterFirst: Layer[]): Architecture => ({
  name: `wrn-${size.depth}-${size.width}-${name}`,
  imageShape: [32, 32, 3],
  parameterCount: size.parameterCount,
  bufferCount: size.bufferCount,
  layers: layers(BASIC_STYLE, size, BASIC_NAMES, afterFirst),
});

/** wideresnet.py of robust_overfitting. */
export const wideResNetRice = (size: WideResNetSize): Architecture => basic('rice', size, []);

/** models/wideresnet.py of TRADES, with its copy of the first group that nothing computes with. */
export function wideResNetTrades(size: WideResNetSize): Architecture {
  const first = { input: 16, output: 16 * size.width, stride: 1 };
  const copy = blockGroup(BASIC_STYLE, 'sub_block1.layer', (size.depth - 4) / 6, first);
  return basic('trades', size, [{ kind: 'unused', channels: 16, layers: copy }]);
}
