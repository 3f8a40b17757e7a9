// auto_augment: one of the 25 sub-policies learnt on CIFAR-10 (Cubuk et al. 2019, arXiv:1805.09501; torchvision's table).
import type { DrawStream } from '@reseed/rng';
import { type ImageMethod, type ImageShape, imageSize } from './image-method.ts';
import { learntSpace, magnitudeOf } from './magnitude-space.ts';
import { applyOperator, type OperatorName } from './operators.ts';

/** An operator, the chance that it is applied, and the bin 0…9 of its magnitude (0 for operators without one). */
type PolicyStep = readonly [name: OperatorName, probability: number, bin: number];

export const POLICIES: readonly (readonly [PolicyStep, PolicyStep])[] = [
  [
    ['invert', 0.1, 0],
    ['contrast', 0.2, 6],
  ],
  [
    ['rotate', 0.7, 2],
    ['translate_x', 0.3, 9],
  ],
  [
    ['sharpness', 0.8, 1],
    ['sharpness', 0.9, 3],
  ],
  [
    ['shear_y', 0.5, 8],
    ['translate_y', 0.7, 9],
  ],
  [
    ['auto_contrast', 0.5, 0],
    ['equalize', 0.9, 0],
  ],
  [
    ['shear_y', 0.2, 7],
    ['posterize', 0.3, 7],
  ],
  [
    ['color', 0.4, 3],
    ['brightness', 0.6, 7],
  ],
  [
    ['sharpness', 0.3, 9],
    ['brightness', 0.7, 9],
  ],
  [
    ['equalize', 0.6, 0],
    ['equalize', 0.5, 0],
  ],
  [
    ['contrast', 0.6, 7],
    ['sharpness', 0.6, 5],
  ],
  [
    ['color', 0.7, 7],
    ['translate_x', 0.5, 8],
  ],
  [
    ['equalize', 0.3, 0],
    ['auto_contrast', 0.4, 0],
  ],
  [
    ['translate_y', 0.4, 3],
    ['sharpness', 0.2, 6],
  ],
  [
    ['brightness', 0.9, 6],
    ['color', 0.2, 8],
  ],
  [
    ['solarize', 0.5, 2],
    ['invert', 0, 0],
  ],
  [
    ['equalize', 0.2, 0],
    ['auto_contrast', 0.6, 0],
  ],
  [
    ['equalize', 0.2, 0],
    ['equalize', 0.6, 0],
  ],
  [
    ['color', 0.9, 9],
    ['equalize', 0.6, 0],
  ],
  [
    ['auto_contrast', 0.8, 0],
    ['solarize', 0.2, 8],
  ],
  [
    ['brightness', 0.1, 3],
    ['color', 0.7, 0],
  ],
  [
    ['solarize', 0.4, 5],
    ['auto_contrast', 0.9, 0],
  ],
  [
    ['translate_y', 0.9, 9],
    ['translate_y', 0.7, 9],
  ],
  [
    ['auto_contrast', 0.9, 0],
    ['solarize', 0.8, 3],
  ],
  [
    ['equalize', 0.8, 0],
    ['invert', 0.1, 0],
  ],
  [
    ['translate_y', 0.7, 9],
    ['auto_contrast', 0.9, 0],
  ],
];

const BINS = 10;
/** policy = randint(25), two doubles that decide whether its steps are applied, two signs = randint(2), 0 being negative. */
export function sampleAutoAugment(stream: DrawStream): number[] {
  const policy = stream.randint(0, POLICIES.length);
  const u0 = stream.randomSample();
  const u1 = stream.randomSample();
  const sign0 = stream.randint(0, 2);
  const sign1 = stream.randint(0, 2);
  return [policy, u0, u1, sign0, sign1];
}

/** On grey images `color` and `invert` do nothing, as they would only add noise there; the draws are the same. */
export function autoAugment(shape: ImageShape): ImageMethod {
  const size = imageSize(shape);
  const space = learntSpace(shape, BINS);
  const scratch = new Uint8Array(size);
  return {
    name: 'auto_augment',
    drawn: ['policy', 'u0', 'u1', 'sign0', 'sign1'],
    sample: sampleAutoAugment,
    apply(source, sourceOffset, parameters, first, target) {
      target.set(source.subarray(sourceOffset, sourceOffset + size));
      POLICIES[parameters[first]].forEach(([name, probability, bin], step) => {
        if (parameters[first + 1 + step] > probability) return;
        if (name === 'invert' && shape[2] === 1) return;
        const sign = parameters[first + 3 + step] === 0 ? 'negative' : 'positive';
        applyOperator(name, magnitudeOf(space[name], bin, sign), target, shape, scratch);
      });
    },
  };
}
