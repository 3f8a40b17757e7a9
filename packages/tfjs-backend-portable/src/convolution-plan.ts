// Geometry of one 2-D convolution for the kernels: padded extents, windows, and how many images fit a block.
import type { backend_util } from '@tensorflow/tfjs-core';
import type { KernelModule } from './kernel-module.ts';

/** Padded images and output pixels of a block should fit the second-level cache beside the packed filter. */
const BLOCK_BYTES = 256 * 1024;

export interface ConvolutionPlan {
  readonly info: backend_util.Conv2DInfo;
  readonly paddedHeight: number;
  readonly paddedWidth: number;
  /** Floats of a padded image. */
  readonly paddedSize: number;
  /** Bytes from one row of a padded image to the next. */
  readonly rowPitch: number;
  /** Contiguous floats of one filter row: filter width x input channels. */
  readonly run: number;
  /** Output pixels of an image. */
  readonly pixels: number;
  readonly imagesPerBlock: number;
}

export interface Block {
  readonly firstImage: number;
  readonly images: number;
}

/** undefined for what the kernels do not serve: channels first and dilation. */
export function planConvolution(info: backend_util.Conv2DInfo): ConvolutionPlan | undefined {
  if (info.dataFormat !== 'channelsLast' || info.dilationHeight !== 1 || info.dilationWidth !== 1) return undefined;
  const paddedHeight = (info.outHeight - 1) * info.strideHeight + info.filterHeight;
  const paddedWidth = (info.outWidth - 1) * info.strideWidth + info.filterWidth;
  const paddedSize = paddedHeight * paddedWidth * info.inChannels;
  const pixels = info.outHeight * info.outWidth;
  const fitting = Math.floor(BLOCK_BYTES / (4 * Math.max(paddedSize, pixels * info.outChannels, 1)));
  return {
    info,
    paddedHeight,
    paddedWidth,
    paddedSize,
    rowPitch: paddedWidth * info.inChannels * 4,
    run: info.filterWidth * info.inChannels,
    pixels,
    imagesPerBlock: Math.max(1, Math.min(fitting, info.batchSize)),
  };
}

export function* blocksOf({ info, imagesPerBlock }: ConvolutionPlan): Generator<Block> {
  for (let firstImage = 0; firstImage < info.batchSize; firstImage += imagesPerBlock) {
    yield { firstImage, images: Math.min(imagesPerBlock, info.batchSize - firstImage) };
  }
}

/** Writes the byte offset of the window of every output pixel of a full block; shorter blocks use its beginning. */
export function listWindows({ native }: KernelModule, plan: ConvolutionPlan, offsets: number): void {
  const { info, imagesPerBlock, paddedHeight, paddedWidth } = plan;
  native.listWindows(
    offsets,
    imagesPerBlock,
    info.outHeight,
    info.outWidth,
    info.strideHeight,
    info.strideWidth,
    paddedHeight,
    paddedWidth,
    info.inChannels,
  );
}

/** Copies a block of images into the interior of `padded`. */
export function padBlock({ native }: KernelModule, plan: ConvolutionPlan, block: Block, x: number, padded: number) {
  native.padImages(x + imageOffset(plan, block), padded, block.images, ...interior(plan));
}

/** Copies the interior of `padded` into a block of images. */
export function unpadBlock({ native }: KernelModule, plan: ConvolutionPlan, block: Block, padded: number, x: number) {
  native.unpadImages(padded, x + imageOffset(plan, block), block.images, ...interior(plan));
}

/** Byte offset of a block's first output pixel. */
export function pixelOffset({ info, pixels }: ConvolutionPlan, { firstImage }: Block): number {
  return firstImage * pixels * info.outChannels * 4;
}

function imageOffset({ info }: ConvolutionPlan, { firstImage }: Block): number {
  return firstImage * info.inHeight * info.inWidth * info.inChannels * 4;
}

function interior({ info, paddedHeight, paddedWidth }: ConvolutionPlan): number[] {
  const { inHeight, inWidth, inChannels, padInfo } = info;
  return [inHeight, inWidth, inChannels, padInfo.top, padInfo.left, paddedHeight, paddedWidth];
}
