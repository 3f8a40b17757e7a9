// What an augmentation method is once its parameters and the image shape are fixed: names of its draws, sample, apply.
import type { AugmentationName } from '@reseed/experiment';
import type { DrawStream } from '@reseed/rng';

export type ImageShape = readonly [height: number, width: number, channels: number];

/** Draws that choose among a fixed number of options each. */
export interface Choices {
  /** Options of each entry of `drawn`. */
  readonly counts: readonly number[];
  /** The parameters for which these options were drawn. */
  parametersOf(chosen: readonly number[]): number[];
}

export interface ImageMethod {
  readonly name: AugmentationName;
  /** What is drawn for one image, in draw order; none of it depends on pixels or labels. */
  readonly drawn: readonly string[];
  /** Draws the parameters of one image: one number per entry of `drawn`. */
  sample(stream: DrawStream): number[];
  /** How the same parameters are drawn as choices, for all images at once; missing when some are no choices. */
  readonly choices?: Choices;
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
