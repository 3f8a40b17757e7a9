// Softmax regression: one linear layer on the pixels, whose attack gradients can be followed by hand.
import type { Architecture } from './layer.ts';

export const linearSoftmax: Architecture = {
  name: 'linear-softmax',
  imageShape: [28, 28, 1],
  parameterCount: 7_850,
  layers: [{ kind: 'flatten' }, { kind: 'linear', name: 'fc', features: 'classes' }],
};
