// Geometry of one 2-D convolution over NHWC images, in the order in which JavaScript sends it.
#pragma once
#include <cstddef>
#include <cstdint>

struct Geometry {
  int32_t images, height, width, inChannels;
  int32_t outHeight, outWidth, outChannels;
  int32_t filterHeight, filterWidth, strideHeight, strideWidth;
  int32_t top, left;

  int pixels() const { return outHeight * outWidth; }
  int taps() const { return filterHeight * filterWidth; }
  size_t inputSize() const { return static_cast<size_t>(height) * width * inChannels; }
  size_t outputSize() const { return static_cast<size_t>(pixels()) * outChannels; }
  /** Extents of the border and all that windows reach. */
  int paddedHeight() const { return (outHeight - 1) * strideHeight + filterHeight; }
  int paddedWidth() const { return (outWidth - 1) * strideWidth + filterWidth; }
};

/** relu?(x * filter + bias?) for one input channel. */
void convolveOneChannel(const Geometry &, const float *x, const float *filter, const float *bias, bool relu, float *out);
void oneChannelToInput(const Geometry &, const float *dy, const float *filter, float *dx);
void oneChannelToFilter(const Geometry &, const float *x, const float *dy, float *dfilter);
