// mnist_net of Wong, Rice & Kolter 2020 (arXiv:2001.03994, fast_adversarial); tensors are named as in its nn.Sequential.
import type { Architecture } from './layer.ts';

export const mnistNet: Architecture = {
  name: 'mnist_net',
  imageShape: [28, 28, 1],
  parameterCount: 166_406,
  layers: [
    { kind: 'conv', name: '0', channels: 16, kernel: 4, stride: 2, padding: 1 },
    { kind: 'relu' },
    { kind: 'conv', name: '2', channels: 32, kernel: 4, stride: 2, padding: 1 },
    { kind: 'relu' },
    { kind: 'flatten' },
    { kind: 'linear', name: '5', features: 100 },
    { kind: 'relu' },
    { kind: 'linear', name: '7', features: 'classes' },
  ],
};
