// Moves NHWC images in and out of zero-bordered copies, so that no convolution kernel tests a bound.

/** Zeroes `count` floats. */
export function clear(out: usize, count: i32): void {
  const zero = f32x4.splat(0);
  for (; count >= 4; count -= 4, out += 16) v128.store(out, zero);
  for (; count > 0; count--, out += 4) store<f32>(out, 0);
}

function copy(from: usize, to: usize, count: i32): void {
  for (; count >= 4; count -= 4, from += 16, to += 16) v128.store(to, v128.load(from));
  for (; count > 0; count--, from += 4, to += 4) store<f32>(to, load<f32>(from));
}

/** Copies the interior of `images` images into padded ones; rows and columns past the padded extent are left out. */
export function padImages(
  images: usize,
  padded: usize,
  count: i32,
  height: i32,
  width: i32,
  channels: i32,
  top: i32,
  left: i32,
  paddedHeight: i32,
  paddedWidth: i32,
): void {
  const rows = min(height, max(0, paddedHeight - top));
  const run = min(width, max(0, paddedWidth - left)) * channels;
  const pitch = (<usize>(width * channels)) << 2;
  const paddedPitch = (<usize>(paddedWidth * channels)) << 2;
  for (let image = 0; image < count; image++) {
    let from = images + <usize>(image * height) * pitch;
    let to = padded + <usize>(image * paddedHeight + top) * paddedPitch + ((<usize>(left * channels)) << 2);
    for (let row = 0; row < rows; row++, from += pitch, to += paddedPitch) copy(from, to, run);
  }
}

/** The way back: `images` gets the interior of `padded`, and 0 where the padded extent ends early. */
export function unpadImages(
  padded: usize,
  images: usize,
  count: i32,
  height: i32,
  width: i32,
  channels: i32,
  top: i32,
  left: i32,
  paddedHeight: i32,
  paddedWidth: i32,
): void {
  const rows = min(height, max(0, paddedHeight - top));
  const run = min(width, max(0, paddedWidth - left)) * channels;
  const pitch = (<usize>(width * channels)) << 2;
  const paddedPitch = (<usize>(paddedWidth * channels)) << 2;
  for (let image = 0; image < count; image++) {
    let from = padded + <usize>(image * paddedHeight + top) * paddedPitch + ((<usize>(left * channels)) << 2);
    let to = images + <usize>(image * height) * pitch;
    for (let row = 0; row < height; row++, from += paddedPitch, to += pitch) {
      const kept = row < rows ? run : 0;
      if (kept) copy(from, to, kept);
      clear(to + ((<usize>kept) << 2), width * channels - kept);
    }
  }
}

/** Byte offset, inside a block of padded images, of the window that each output pixel looks at. */
export function listWindows(
  offsets: usize,
  count: i32,
  outHeight: i32,
  outWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  paddedHeight: i32,
  paddedWidth: i32,
  channels: i32,
): void {
  for (let image = 0; image < count; image++) {
    for (let y = 0; y < outHeight; y++) {
      const row = (image * paddedHeight + y * strideHeight) * paddedWidth;
      for (let x = 0; x < outWidth; x++, offsets += 4) {
        store<i32>(offsets, ((row + x * strideWidth) * channels) << 2);
      }
    }
  }
}
