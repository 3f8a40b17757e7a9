// tiny-cnn-bn: tiny-cnn with twice the channels and batch norm after each convolution, for studies of batch norm on a CPU.
import type { Architecture } from './layer.ts';

export const tinyCnnBn: Architecture = {
  name: 'tiny-cnn-bn',
  imageShape: [28, 28, 1],
  parameterCount: 105_914,
  bufferCount: 96,
  layers: [
    { kind: 'conv', name: 'conv1', channels: 16, kernel: 3, stride: 2, padding: 1, bias: 'none' },
    { kind: 'batch_norm', name: 'bn1' },
    { kind: 'relu' },
    { kind: 'conv', name: 'conv2', channels: 32, kernel: 3, stride: 2, padding: 1, bias: 'none' },
    { kind: 'batch_norm', name: 'bn2' },
    { kind: 'relu' },
    { kind: 'flatten' },
    { kind: 'linear', name: 'fc1', features: 64 },
    { kind: 'relu' },
    { kind: 'linear', name: 'fc2', features: 'classes' },
  ],
};
