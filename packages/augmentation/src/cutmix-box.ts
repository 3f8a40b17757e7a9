// The box that CutMix pastes and the label weight that it leaves (Yun et al. 2019, arXiv:1905.04899).
import type { ImageShape } from './image-method.ts';

export interface CutmixBox {
  readonly top: number;
  /** first row below the box */
  readonly bottom: number;
  readonly left: number;
  /** first column right of the box */
  readonly right: number;
  /** λ, adjusted: the share of the image that is not pasted over */
  readonly kept: number;
}

/**
 * A box with sides ⌊H·√(1−λ)⌋ and ⌊W·√(1−λ)⌋ centred at (cy, cx) and clipped at the border; half a side is rounded down
 * on both sides of the centre, so odd sides lose a pixel.
 * @param window side in pixels that replaces the one from λ (Rebuffi et al. 2021, arXiv:2103.01946: 20 of 32)
 */
export function cutmixBox(
  lambda: number,
  cy: number,
  cx: number,
  [height, width]: ImageShape,
  window?: number,
): CutmixBox {
  const ratio = Math.sqrt(1 - lambda);
  const halfHeight = Math.floor((window ?? Math.floor(height * ratio)) / 2);
  const halfWidth = Math.floor((window ?? Math.floor(width * ratio)) / 2);
  const top = Math.max(0, cy - halfHeight);
  const bottom = Math.min(height, cy + halfHeight);
  const left = Math.max(0, cx - halfWidth);
  const right = Math.min(width, cx + halfWidth);
  return { top, bottom, left, right, kept: 1 - ((bottom - top) * (right - left)) / (height * width) };
}

/** Copies the box from the image at `fromOffset` of `from` to the same place of the image at `intoOffset` of `into`. */
export function pasteBox<T extends Uint8Array | Float32Array>(
  from: T,
  fromOffset: number,
  into: T,
  intoOffset: number,
  [, width, channels]: ImageShape,
  { top, bottom, left, right }: CutmixBox,
): void {
  for (let y = top; y < bottom; y += 1) {
    const row = y * width * channels;
    for (let x = row + left * channels; x < row + right * channels; x += 1) into[intoOffset + x] = from[fromOffset + x];
  }
}
