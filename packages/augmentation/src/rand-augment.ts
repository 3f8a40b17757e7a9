// rand_augment: n random operators, all at one magnitude m (Cubuk et al. 2020, arXiv:1909.13719; torchvision's space).
import { type ImageMethod, type ImageShape, imageSize } from './image-method.ts';
import { learntSpace, magnitudeOf } from './magnitude-space.ts';
import { applyOperator, OPERATORS } from './operators.ts';

const BINS = 31;
const SIGNS = 2;

export interface RandAugmentOptions {
  /** n: operators applied one after the other */
  readonly operations: number;
  /** m: bin 0…30 of all of them */
  readonly magnitude: number;
}

/**
 * For each operation op = randint(14), then sign = randint(2), 1 being negative. Always both: torchvision leaves out the
 * sign of an operator without one, which would move the streams of workers apart.
 */
export function randAugment({ operations, magnitude }: RandAugmentOptions, shape: ImageShape): ImageMethod {
  const size = imageSize(shape);
  const space = learntSpace(shape, BINS);
  const scratch = new Uint8Array(size);
  const steps = Array.from({ length: operations }, (_, k) => k);
  const counts = steps.flatMap(() => [OPERATORS.length, SIGNS]);
  return {
    name: 'rand_augment',
    drawn: steps.flatMap((k) => [`op${k}`, `sign${k}`]),
    sample: (stream) => counts.map((count) => stream.randint(0, count)),
    choices: { counts, parametersOf: (chosen) => [...chosen] },
    apply(source, sourceOffset, parameters, first, target) {
      target.set(source.subarray(sourceOffset, sourceOffset + size));
      for (let k = 0; k < operations; k += 1) {
        const name = OPERATORS[parameters[first + 2 * k]];
        const sign = parameters[first + 2 * k + 1] === 1 ? 'negative' : 'positive';
        applyOperator(name, magnitudeOf(space[name], magnitude, sign), target, shape, scratch);
      }
    },
  };
}
