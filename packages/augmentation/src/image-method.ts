// What an augmentation method is once its parameters and the image shape are fixed: names of its draws, sample, apply.
import type { AugmentationName } from '@reseed/experiment';
import type { DrawStream } from '@reseed/rng';

export type ImageShape = readonly [height: number, width: number, channels: number];

/** Values of one image: height · width · channels. */
export function imageSize([height, width, channels]: ImageShape): number {
  return height * width * channels;
}

/** The raw uint8 H·W·C image of a training index, as it is before any augmentation; not written to. */
export type RawImageReader = (index: number) => Uint8Array;

/** Draws that choose among a fixed number of options each. */
export interface Choices {
  /** Options of each entry of `drawn`. */
  readonly counts: readonly number[];
  /** The parameters for which these options were drawn. */
  parametersOf(chosen: readonly number[]): number[];
}

/** Whose label enters that of an image, and with which weight in [0, 1]. */
export interface Partner {
  readonly index: number;
  readonly share: number;
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
   * @throws RawImagesMissingError when the method pastes from another image and there is no reader of them
   */
  apply(
    source: Uint8Array,
    sourceOffset: number,
    parameters: readonly number[],
    first: number,
    target: Uint8Array,
    rawImage?: RawImageReader,
  ): void;
  /** The image whose label is mixed in; missing when labels stay as they are. */
  partner?(parameters: readonly number[], first: number): Partner;
}

/** A batch before it is mixed: float32 images [n, H, W, C] and label rows [n, classes], one after the other. */
export interface BatchPixels {
  readonly images: Float32Array;
  readonly labels: Float32Array;
}

export interface BatchMethod {
  readonly name: AugmentationName;
  /** What is drawn for one batch, in draw order; a permutation is one entry that stands for `size` numbers. */
  readonly drawn: readonly string[];
  /** Draws the parameters of one batch of `size` images, flat and in draw order. */
  sample(stream: DrawStream, size: number): number[];
  /** Mixes `size` images and their label rows. `into` holds the same values as `from` when it is called. */
  mix(from: BatchPixels, into: BatchPixels, size: number, parameters: readonly number[]): void;
}
