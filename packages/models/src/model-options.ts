// What a model is built for: the shape of its images, the number of classes, and the normalisation inside it.
import type { Architecture, ImageShape, Normalisation } from './layer.ts';

export interface ModelOptions {
  /** height, width, channels in pixels; by default those the architecture was published for */
  readonly imageShape?: ImageShape;
  /** 10 by default */
  readonly classes?: number;
  /** none by default */
  readonly normalisation?: Normalisation | undefined;
}

/** An option that no model can be built with. */
export class ModelOptionError extends RangeError {
  override readonly name = 'ModelOptionError';
  constructor(
    readonly model: string,
    readonly option: keyof ModelOptions,
    readonly value: unknown,
    readonly limit: string,
  ) {
    super(`${model}: ${option} must be ${limit}, got ${JSON.stringify(value)}`);
  }
}

/** The options with their defaults. @throws ModelOptionError */
export function checkedOptions(architecture: Architecture, { normalisation, ...options }: ModelOptions) {
  const { imageShape = architecture.imageShape, classes = 10 } = options;
  const refuse = (option: keyof ModelOptions, value: unknown, limit: string) => {
    throw new ModelOptionError(architecture.name, option, value, limit);
  };
  const isCount = (value: number) => Number.isInteger(value) && value > 0;
  if (imageShape.length !== 3 || !imageShape.every(isCount)) {
    refuse('imageShape', imageShape, 'height, width and channels, each a whole number above 0');
  }
  if (!isCount(classes) || classes < 2) refuse('classes', classes, 'a whole number from 2');
  if (normalisation !== undefined) {
    const { mean, std } = normalisation;
    const usable = mean.every(Number.isFinite) && std.every((value) => Number.isFinite(value) && value > 0);
    if (mean.length !== imageShape[2] || std.length !== imageShape[2] || !usable) {
      refuse('normalisation', normalisation, `a mean and a positive std for each of ${imageShape[2]} channels`);
    }
  }
  return { imageShape, classes, normalisation };
}
