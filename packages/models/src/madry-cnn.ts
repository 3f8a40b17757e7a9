// The MNIST network of Madry et al. 2018 (arXiv:1706.06083, mnist_challenge): its SAME padding is 2 at each side.
import type { Architecture } from './layer.ts';

export const madryCnn: Architecture = {
  name: 'madry-cnn',
  imageShape: [28, 28, 1],
  parameterCount: 3_274_634,
  layers: [
    { kind: 'conv', name: 'conv1', channels: 32, kernel: 5, stride: 1, padding: 2 },
    { kind: 'relu' },
    { kind: 'pool', take: 'max', size: 2, stride: 2 },
    { kind: 'conv', name: 'conv2', channels: 64, kernel: 5, stride: 1, padding: 2 },
    { kind: 'relu' },
    { kind: 'pool', take: 'max', size: 2, stride: 2 },
    { kind: 'flatten' },
    { kind: 'linear', name: 'fc1', features: 1024 },
    { kind: 'relu' },
    { kind: 'linear', name: 'fc2', features: 'classes' },
  ],
};
