// tiny-cnn: two strided 3×3 convolutions and one hidden layer for 28×28 grey images, small enough for a study on a CPU.
import type { Architecture } from './layer.ts';

export const tinyCnn: Architecture = {
  name: 'tiny-cnn',
  imageShape: [28, 28, 1],
  parameterCount: 52_138,
  layers: [
    { kind: 'conv', name: 'conv1', channels: 8, kernel: 3, stride: 2, padding: 1 },
    { kind: 'relu' },
    { kind: 'conv', name: 'conv2', channels: 16, kernel: 3, stride: 2, padding: 1 },
    { kind: 'relu' },
    { kind: 'flatten' },
    { kind: 'linear', name: 'fc1', features: 64 },
    { kind: 'relu' },
    { kind: 'linear', name: 'fc2', features: 'classes' },
  ],
};
