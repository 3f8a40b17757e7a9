// color_jitter: random brightness, then random contrast (Krizhevsky et al. 2012; torchvision's operators on uint8).
import type { DrawStream } from '@reseed/rng';
import { adjustBrightness, adjustContrast } from './blend-operators.ts';
import { type ImageMethod, type ImageShape, imageSize } from './image-method.ts';

export interface ColorJitterOptions {
  /** largest change of the brightness factor 1, 0…1 */
  readonly brightness: number;
  /** largest change of the contrast factor 1, 0…1 */
  readonly contrast: number;
}

/** fb = uniform(1 − brightness, 1 + brightness), then fc likewise for contrast. */
export function sampleColorJitter(stream: DrawStream, { brightness, contrast }: ColorJitterOptions): number[] {
  const fb = stream.uniform(1 - brightness, 1 + brightness);
  const fc = stream.uniform(1 - contrast, 1 + contrast);
  return [fb, fc];
}

export function colorJitter(options: ColorJitterOptions, shape: ImageShape): ImageMethod {
  const size = imageSize(shape);
  return {
    name: 'color_jitter',
    drawn: ['fb', 'fc'],
    sample: (stream) => sampleColorJitter(stream, options),
    apply(source, sourceOffset, parameters, first, target) {
      target.set(source.subarray(sourceOffset, sourceOffset + size));
      adjustBrightness(target, shape, parameters[first]);
      adjustContrast(target, shape, parameters[first + 1]);
    },
  };
}
