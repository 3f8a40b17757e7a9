// The golden vectors of the tests: what NumPy and torchvision made of one image, and drew from seeded generators.
import { readFileSync } from 'node:fs';
import type { ImageShape } from './image-method.ts';

interface GoldenVectors {
  readonly image: {
    readonly height: number;
    readonly width: number;
    readonly pixels: readonly number[];
    readonly partner: readonly number[];
  };
  readonly pixels: Readonly<Record<string, number[]>>;
  readonly cutmix: readonly {
    readonly lam: number;
    readonly cy: number;
    readonly cx: number;
    readonly box: readonly [top: number, bottom: number, left: number, right: number];
    readonly lam_adj: number;
    readonly out: number[];
  }[];
  readonly mixup: readonly { readonly lam: number; readonly out: number[] }[];
  readonly torchvisionOperators: Readonly<Record<string, number[]>>;
  /** `seed`, and what was drawn by the name of the program */
  readonly torchStreams: readonly Readonly<Record<string, unknown>>[];
  readonly drawPrograms: readonly Readonly<Record<string, unknown>>[];
}

export const golden = JSON.parse(
  readFileSync(new URL('../golden/augment.json', import.meta.url), 'utf8'),
) as GoldenVectors;

export const GOLDEN_SHAPE: ImageShape = [golden.image.height, golden.image.width, 1];
/** The two images that the vectors were made of, fresh. */
export const goldenImage = (): Uint8Array => Uint8Array.from(golden.image.pixels);
export const goldenPartner = (): Uint8Array => Uint8Array.from(golden.image.partner);
