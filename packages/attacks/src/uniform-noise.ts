// The random start of an attack: uniform noise in PyTorch's drawing order, laid out as TensorFlow.js wants it.
import type { TorchGenerator } from '@reseed/rng';

/**
 * Fills `out`, NHWC with a whole number of images, with `uniform_(−epsilon, epsilon)` drawn in the order (n, C, H, W).
 * @param imageShape height, width, channels
 */
export function fillUniformNoise(
  stream: TorchGenerator,
  out: Float32Array,
  imageShape: readonly [height: number, width: number, channels: number],
  epsilon: number,
): void {
  const [height, width, channels] = imageShape;
  if (channels === 1) {
    stream.fillUniform(out, -epsilon, epsilon);
    return;
  }
  const pixels = height * width;
  const plane = new Float32Array(pixels);
  for (let image = 0; image < out.length; image += pixels * channels) {
    for (let channel = 0; channel < channels; channel++) {
      stream.fillUniform(plane, -epsilon, epsilon);
      for (let pixel = 0; pixel < pixels; pixel++) out[image + pixel * channels + channel] = plane[pixel];
    }
  }
}
