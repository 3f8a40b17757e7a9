// SmallCNN of TRADES (Zhang et al. 2019, arXiv:1901.08573, small_cnn.py); its last layer starts at zero.
import type { Architecture, Layer } from './layer.ts';

const conv = (name: string, channels: number): Layer[] => [
  { kind: 'conv', name: `feature_extractor.${name}`, channels, kernel: 3, stride: 1, padding: 0 },
  { kind: 'relu' },
];
const pool: Layer = { kind: 'pool', take: 'max', size: 2, stride: 2 };

export const smallCnn: Architecture = {
  name: 'small-cnn',
  imageShape: [28, 28, 1],
  parameterCount: 312_202,
  layers: [
    ...conv('conv1', 32),
    ...conv('conv2', 32),
    pool,
    ...conv('conv3', 64),
    ...conv('conv4', 64),
    pool,
    { kind: 'flatten' },
    { kind: 'linear', name: 'classifier.fc1', features: 200 },
    { kind: 'relu' },
    { kind: 'dropout', rate: 0.5 },
    { kind: 'linear', name: 'classifier.fc2', features: 200 },
    { kind: 'relu' },
    { kind: 'linear', name: 'classifier.fc3', features: 'classes', initial: 'zero' },
  ],
};
