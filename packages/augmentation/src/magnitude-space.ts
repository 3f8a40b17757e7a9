// Which magnitudes each operator may have: the augmentation spaces of torchvision's AutoAugment, RandAugment, TrivialAugmentWide.
import type { ImageShape } from './image-method.ts';
import type { OperatorName } from './operators.ts';
import { roundHalfEven } from './round-half-even.ts';

/** The largest magnitudes of a space. */
export interface SpaceLimits {
  /** magnitudes of each operator */
  readonly bins: number;
  /** slope */
  readonly shear: number;
  /** pixels */
  readonly translate: readonly [x: number, y: number];
  /** degrees */
  readonly rotate: number;
  /** largest change of the factor of brightness, colour, contrast and sharpness */
  readonly enhance: number;
  /** bits that posterize takes away at the last magnitude */
  readonly posterize: number;
}

export interface OperatorSpace {
  /** by bin; empty for operators that have no magnitude */
  readonly magnitudes: readonly number[];
  /** whether the magnitude may be negative */
  readonly sign: 'signed' | 'unsigned';
}

/** `torch.linspace(start, end, steps)` in float32: the second half counts back from the end. */
function linspace(start: number, end: number, steps: number): number[] {
  const round = Math.fround;
  const step = round((round(end) - round(start)) / (steps - 1));
  return Array.from({ length: steps }, (_, i) =>
    i < Math.floor(steps / 2) ? round(round(start) + step * i) : round(round(end) - step * (steps - i - 1)),
  );
}

/** The magnitudes of all operators, as float32 like torchvision's. */
export function magnitudeSpace(limits: SpaceLimits): Readonly<Record<OperatorName, OperatorSpace>> {
  const { bins } = limits;
  const signed = (end: number): OperatorSpace => ({ magnitudes: linspace(0, end, bins), sign: 'signed' });
  const without: OperatorSpace = { magnitudes: [], sign: 'unsigned' };
  const enhance = signed(limits.enhance);
  const bits = (_: unknown, i: number) => 8 - roundHalfEven(i / ((bins - 1) / limits.posterize));
  return {
    identity: without,
    shear_x: signed(limits.shear),
    shear_y: signed(limits.shear),
    translate_x: signed(limits.translate[0]),
    translate_y: signed(limits.translate[1]),
    rotate: signed(limits.rotate),
    brightness: enhance,
    color: enhance,
    contrast: enhance,
    sharpness: enhance,
    posterize: { magnitudes: Array.from({ length: bins }, bits), sign: 'unsigned' },
    solarize: { magnitudes: linspace(255, 0, bins), sign: 'unsigned' },
    auto_contrast: without,
    equalize: without,
    invert: without,
  };
}

/** The space that AutoAugment (10 bins) and RandAugment (31) share; translations are shares of the image's sides. */
export function learntSpace([height, width]: ImageShape, bins: number): Readonly<Record<OperatorName, OperatorSpace>> {
  const translate = 150 / 331;
  return magnitudeSpace({
    bins,
    shear: 0.3,
    translate: [translate * width, translate * height],
    rotate: 30,
    enhance: 0.9,
    posterize: 4,
  });
}

/** The magnitude of a bin, negated where the operator is signed and that was drawn; 0 for operators without one. */
export function magnitudeOf({ magnitudes, sign }: OperatorSpace, bin: number, drawn: 'positive' | 'negative'): number {
  if (magnitudes.length === 0) return 0;
  return sign === 'signed' && drawn === 'negative' ? -magnitudes[bin] : magnitudes[bin];
}
