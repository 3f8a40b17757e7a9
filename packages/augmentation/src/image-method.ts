// What an augmentation method is once its parameters and the image shape are fixed: names of its draws, sample, apply.
import type { AugmentationName } from '@reseed/experiment';
import type { DrawStream } from '@reseed/rng';

export type ImageShape = readonly [height: number, width: number, channels: number];

export interface ImageMethod {
  readonly name: AugmentationName;
  /** What is drawn for one image, in draw order; none of it depends on pixels or labels. */
  readonly drawn: readonly string[];
  /** Draws the parameters of one image: one number per entry of `drawn`. */
  sample(stream: DrawStream): number[];
  /**
   * Writes the augmented image to the start of `target`. `source` (from `sourceOffset`) and `target` hold uint8 H·W·C and
   * must not overlap; the parameters of this method stand in `parameters` from index `first`.
   */
  apply(
    source: Uint8Array,
    sourceOffset: number,
    parameters: readonly number[],
    first: number,
    target: Uint8Array,
  ): void;
}
