// trivial_augment: one random operator at one random magnitude (Müller & Hutter 2021, arXiv:2103.10158; torchvision's wide space).
import { type ImageMethod, type ImageShape, imageSize } from './image-method.ts';
import { magnitudeOf, magnitudeSpace, type OperatorSpace } from './magnitude-space.ts';
import { applyOperator, type OperatorName, OPERATORS } from './operators.ts';

const BINS = 31;

export interface TrivialAugmentOptions {
  /** largest translation in pixels: 32 in the wide space */
  readonly translate: number;
  /** largest rotation in degrees: 135 in the wide space */
  readonly rotate: number;
}

/** The wide space, but for the largest translation and rotation. */
export function trivialAugmentSpace({
  translate,
  rotate,
}: TrivialAugmentOptions): Readonly<Record<OperatorName, OperatorSpace>> {
  return magnitudeSpace({
    bins: BINS,
    shear: 0.99,
    translate: [translate, translate],
    rotate,
    enhance: 0.99,
    posterize: 6,
  });
}

/**
 * op = randint(14), bin = randint(31), sign = randint(2), 1 being negative. Always three draws: torchvision leaves out
 * those that an operator does not use, which would move the streams of workers apart.
 */
export function trivialAugment(options: TrivialAugmentOptions, shape: ImageShape): ImageMethod {
  const size = imageSize(shape);
  const space = trivialAugmentSpace(options);
  const scratch = new Uint8Array(size);
  const counts = [OPERATORS.length, BINS, 2];
  return {
    name: 'trivial_augment',
    drawn: ['op', 'bin', 'sign'],
    sample: (stream) => [stream.randint(0, counts[0]), stream.randint(0, counts[1]), stream.randint(0, counts[2])],
    choices: { counts, parametersOf: (chosen) => [...chosen] },
    apply(source, sourceOffset, parameters, first, target) {
      target.set(source.subarray(sourceOffset, sourceOffset + size));
      const name = OPERATORS[parameters[first]];
      const sign = parameters[first + 2] === 1 ? 'negative' : 'positive';
      applyOperator(name, magnitudeOf(space[name], parameters[first + 1], sign), target, shape, scratch);
    },
  };
}
