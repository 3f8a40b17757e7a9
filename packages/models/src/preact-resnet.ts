// PreActResNet-18 (He et al. 2016, arXiv:1603.05027) as adversarial training uses it: of Rice et al. 2020 (arXiv:2002.11569), of
// Wong et al. 2020 (arXiv:2001.03994) and of DeepMind (Gowal et al. 2020, arXiv:2010.03593).
import type { Architecture, Layer } from './layer.ts';
import { type BlockStyle, blockGroup } from './pre-activation-block.ts';

const CHANNELS = [64, 128, 256, 512];

interface Names {
  readonly stem: string;
  /** of group i, counted from 0 */
  readonly group: (i: number) => string;
  readonly norm: string;
  readonly logits: string;
}

function layers(style: BlockStyle, names: Names): Layer[] {
  const stem = {
    kind: 'conv',
    name: names.stem,
    channels: 64,
    kernel: 3,
    stride: 1,
    padding: 1,
    bias: 'none',
  } as const;
  return [
    stem,
    ...CHANNELS.flatMap((output, i) =>
      blockGroup(style, names.group(i), 2, { input: CHANNELS[i - 1] ?? 64, output, stride: i === 0 ? 1 : 2 }),
    ),
    { kind: 'batch_norm', name: names.norm },
    { kind: style.activation },
    { kind: 'global_average' },
    { kind: 'linear', name: names.logits, features: 'classes' },
  ];
}

const LOCUS_NAMES: Names = { stem: 'conv1', group: (i) => `layer${i + 1}`, norm: 'bn', logits: 'linear' };
const LOCUS_STYLE: BlockStyle = {
  names: { firstNorm: 'bn1', firstConv: 'conv1', secondNorm: 'bn2', secondConv: 'conv2', shortcut: 'shortcut.0' },
  activation: 'relu',
  border: 'symmetric',
  shortcut: { kernel: 1, where: 'shape_differs', from: 'entry' },
  initial: 'uniform',
};

/** preactresnet.py of robust_overfitting. */
export const preactResnet18: Architecture = {
  name: 'preactresnet-18',
  imageShape: [32, 32, 3],
  parameterCount: 11_172_170,
  bufferCount: 7_808,
  layers: layers(LOCUS_STYLE, LOCUS_NAMES),
};

/** preact_resnet.py of fast_adversarial: its shortcuts start before batch norm and activation. */
export const preactResnet18Wong: Architecture = {
  ...preactResnet18,
  name: 'preactresnet-18-wong',
  layers: layers({ ...LOCUS_STYLE, shortcut: { ...LOCUS_STYLE.shortcut, from: 'input' } }, LOCUS_NAMES),
};

/** PreActResNet of DeepMind's adversarial_robustness/pytorch/model_zoo.py, DMPreActResNet in RobustBench. */
export const preactResnet18Deepmind = (activation: BlockStyle['activation']): Architecture => ({
  name: `preactresnet-18-deepmind-${activation}`,
  imageShape: [32, 32, 3],
  parameterCount: 12_548_426,
  bufferCount: 7_808,
  leastSide: 32,
  normalisationNames: { mean: 'mean', std: 'std' },
  layers: layers(
    {
      names: {
        firstNorm: 'batchnorm_0',
        firstConv: 'conv_2d_1',
        secondNorm: 'batchnorm_1',
        secondConv: 'conv_2d_2',
        shortcut: 'shortcut',
      },
      activation,
      border: 'same',
      shortcut: { kernel: 3, where: 'shape_differs', from: 'input' },
      initial: 'uniform',
    },
    { stem: 'conv_2d', group: (i) => `layer_${i}`, norm: 'batchnorm', logits: 'logits' },
  ),
});
