// Gradient of 2-D max pooling over NHWC images: each window hands its gradient to its first maximum (as PyTorch does).

import { clear } from './image-padding';

/** x and dx are [batch, height, width, channels]; y (the pooled maxima) and dy are [batch, outHeight, outWidth, channels]. */
export function maxPoolGradient(
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  windowHeight: i32,
  windowWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  top: i32,
  left: i32,
): void {
  clear(dx, batch * height * width * channels);
  const pixelBytes = (<usize>channels) << 2;
  for (let image = 0; image < batch; image++) {
    for (let oy = 0; oy < outHeight; oy++) {
      const firstRow = max(0, oy * strideHeight - top);
      const endRow = min(height, oy * strideHeight - top + windowHeight);
      for (let ox = 0; ox < outWidth; ox++, y += pixelBytes, dy += pixelBytes) {
        const firstColumn = max(0, ox * strideWidth - left);
        const endColumn = min(width, ox * strideWidth - left + windowWidth);
        let c = 0;
        for (; c + 4 <= channels; c += 4) {
          const at = (<usize>c) << 2;
          const maximum = v128.load(y + at);
          let gradient = v128.load(dy + at);
          for (let row = firstRow; row < endRow; row++) {
            let offset = <usize>((image * height + row) * width + firstColumn) * pixelBytes + at;
            for (let column = firstColumn; column < endColumn; column++, offset += pixelBytes) {
              const hit = f32x4.eq(v128.load(x + offset), maximum);
              v128.store(dx + offset, f32x4.add(v128.load(dx + offset), v128.and(gradient, hit)));
              gradient = v128.andnot(gradient, hit);
            }
          }
        }
        for (; c < channels; c++) {
          const at = (<usize>c) << 2;
          const maximum = load<f32>(y + at);
          let gradient = load<f32>(dy + at);
          for (let row = firstRow; row < endRow; row++) {
            let offset = <usize>((image * height + row) * width + firstColumn) * pixelBytes + at;
            for (let column = firstColumn; column < endColumn; column++, offset += pixelBytes) {
              if (load<f32>(x + offset) == maximum) {
                store<f32>(dx + offset, load<f32>(dx + offset) + gradient);
                gradient = 0;
              }
            }
          }
        }
      }
    }
  }
}
