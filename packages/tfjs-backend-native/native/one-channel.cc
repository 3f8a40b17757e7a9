// Convolutions of images with one channel, where oneDNN's kernels have nothing to fill their registers with.
#include <dnnl.h>
#include <algorithm>
#include <stdexcept>
#include <vector>
#include "convolution.h"
#include "lanes.h"
#include "scratch.h"

namespace {

/** Output pixels that share one load of the filter: with two registers of channels each they fill 24 of 32 registers. */
#if defined(__AVX512F__)
constexpr int PIXELS = 12;
#else
constexpr int PIXELS = 6;
#endif

/** An image in the middle of zeros, as far as windows reach. */
void padImage(const Geometry &g, const float *x, float *padded) {
  const int rows = g.paddedHeight(), columns = g.paddedWidth();
  std::fill(padded, padded + static_cast<size_t>(rows) * columns, 0.0f);
  const int from = std::max(0, -g.left), to = std::min(g.width, columns - g.left);
  if (to <= from) return;
  for (int y = std::max(0, -g.top); y < std::min(g.height, rows - g.top); y++)
    std::copy(x + y * g.width + from, x + y * g.width + to, padded + (y + g.top) * columns + g.left + from);
}

void unpadImage(const Geometry &g, const float *padded, float *x) {
  const int rows = g.paddedHeight(), columns = g.paddedWidth();
  std::fill(x, x + g.inputSize(), 0.0f);
  const int from = std::max(0, -g.left), to = std::min(g.width, columns - g.left);
  if (to <= from) return;
  for (int y = std::max(0, -g.top); y < std::min(g.height, rows - g.top); y++) {
    const float *row = padded + (y + g.top) * columns + g.left;
    std::copy(row + from, row + to, x + y * g.width + from);
  }
}

struct Ending {
  const float *bias;
  bool relu;
};

/** `B` neighbouring pixels of `V` registers of channels, of which the last register may be filled only in part. */
template <int V, int B>
void windowsTimesFilter(const float *windows, int step, const std::vector<int> &taps, const float *filter,
                        const Ending &ending, float *out, int outChannels, int channels) {
  Lanes sums[B][V];
  for (int b = 0; b < B; b++)
    for (int v = 0; v < V; v++) sums[b][v] = load(ending.bias + v * LANES);
  const int count = static_cast<int>(taps.size());
  for (int tap = 0; tap < count; tap++) {
    Lanes weights[V];
    for (int v = 0; v < V; v++) weights[v] = load(filter + (tap * V + v) * LANES);
    for (int b = 0; b < B; b++) {
      const Lanes pixel = splat(windows[taps[tap] + b * step]);
      for (int v = 0; v < V; v++) sums[b][v] = multiplyAdd(pixel, weights[v], sums[b][v]);
    }
  }
  for (int b = 0; b < B; b++)
    for (int v = 0; v < V; v++) {
      // A comparison, not a maximum: NaN stays.
      const Lanes sum = ending.relu ? (sums[b][v] < Lanes{} ? Lanes{} : sums[b][v]) : sums[b][v];
      const int filled = std::min(LANES, channels - v * LANES);
      if (filled == LANES) store(out + b * outChannels + v * LANES, sum);
      else std::memcpy(out + b * outChannels + v * LANES, &sum, filled * sizeof(float));
    }
}

template <int V>
void rowTimesFilter(const float *row, const Geometry &g, const std::vector<int> &taps, const float *filter,
                    const Ending &ending, float *out, int channels) {
  int x = 0;
  for (; x + PIXELS <= g.outWidth; x += PIXELS)
    windowsTimesFilter<V, PIXELS>(row + x * g.strideWidth, g.strideWidth, taps, filter, ending, out + x * g.outChannels,
                                  g.outChannels, channels);
  for (; x + 4 <= g.outWidth; x += 4)
    windowsTimesFilter<V, 4>(row + x * g.strideWidth, g.strideWidth, taps, filter, ending, out + x * g.outChannels,
                             g.outChannels, channels);
  for (; x < g.outWidth; x++)
    windowsTimesFilter<V, 1>(row + x * g.strideWidth, g.strideWidth, taps, filter, ending, out + x * g.outChannels,
                             g.outChannels, channels);
}

void multiply(char transposeB, int m, int n, int k, const float *a, int lda, const float *b, int ldb, float beta, float *c,
              int ldc) {
  if (dnnl_sgemm('N', transposeB, m, n, k, 1.0f, a, lda, b, ldb, beta, c, ldc) != dnnl_success)
    throw std::runtime_error("oneDNN refused a matrix product");
}

}  // namespace

void convolveOneChannel(const Geometry &g, const float *x, const float *filter, const float *bias, bool relu, float *out) {
  constexpr int WIDEST = 2 * LANES;
  const int chunks = (g.outChannels + WIDEST - 1) / WIDEST, taps = g.taps();
  static Scratch packedScratch, biasScratch;
  float *packed = packedScratch.floats(static_cast<size_t>(chunks) * taps * WIDEST);
  float *biases = biasScratch.floats(static_cast<size_t>(chunks) * WIDEST);
  for (int chunk = 0; chunk < chunks; chunk++) {
    const int first = chunk * WIDEST, channels = std::min(WIDEST, g.outChannels - first);
    const int lanes = channels > LANES ? WIDEST : LANES;
    for (int i = 0; i < WIDEST; i++) biases[first + i] = bias != nullptr && i < channels ? bias[first + i] : 0.0f;
    for (int tap = 0; tap < taps; tap++)
      for (int i = 0; i < lanes; i++)
        packed[static_cast<size_t>(first) * taps + tap * lanes + i] =
            i < channels ? filter[static_cast<size_t>(tap) * g.outChannels + first + i] : 0.0f;
  }
  std::vector<int> offsets(taps);
  for (int tap = 0; tap < taps; tap++)
    offsets[tap] = tap / g.filterWidth * g.paddedWidth() + tap % g.filterWidth;

#pragma omp parallel for schedule(static)
  for (int image = 0; image < g.images; image++) {
    static thread_local Scratch paddedScratch;
    float *padded = paddedScratch.floats(static_cast<size_t>(g.paddedHeight()) * g.paddedWidth());
    padImage(g, x + image * g.inputSize(), padded);
    for (int y = 0; y < g.outHeight; y++) {
      const float *row = padded + static_cast<size_t>(y) * g.strideHeight * g.paddedWidth();
      float *to = out + image * g.outputSize() + static_cast<size_t>(y) * g.outWidth * g.outChannels;
      for (int first = 0; first < g.outChannels; first += WIDEST) {
        const int channels = std::min(WIDEST, g.outChannels - first);
        const float *weights = packed + static_cast<size_t>(first) * taps;
        const Ending ending{biases + first, relu};
        if (channels > LANES) rowTimesFilter<2>(row, g, offsets, weights, ending, to + first, channels);
        else rowTimesFilter<1>(row, g, offsets, weights, ending, to + first, channels);
      }
    }
  }
}

/** Filter times transposed dy gives what every tap of every window sends back; added up where it came from. */
void oneChannelToInput(const Geometry &g, const float *dy, const float *filter, float *dx) {
  const int taps = g.taps(), pixels = g.pixels();
#pragma omp parallel for schedule(static)
  for (int image = 0; image < g.images; image++) {
    static thread_local Scratch paddedScratch, sentScratch;
    const size_t size = static_cast<size_t>(g.paddedHeight()) * g.paddedWidth();
    float *padded = paddedScratch.floats(size);
    float *sent = sentScratch.floats(static_cast<size_t>(taps) * pixels);
    std::fill(padded, padded + size, 0.0f);
    multiply('T', taps, pixels, g.outChannels, filter, g.outChannels, dy + image * g.outputSize(), g.outChannels, 0.0f, sent,
             pixels);
    for (int tap = 0; tap < taps; tap++)
      for (int y = 0; y < g.outHeight; y++) {
        float *to = padded + static_cast<size_t>(y * g.strideHeight + tap / g.filterWidth) * g.paddedWidth() +
                    tap % g.filterWidth;
        const float *from = sent + static_cast<size_t>(tap) * pixels + y * g.outWidth;
        if (g.strideWidth == 1)
          for (int i = 0; i < g.outWidth; i++) to[i] += from[i];
        else
          for (int i = 0; i < g.outWidth; i++) to[i * g.strideWidth] += from[i];
      }
    unpadImage(g, padded, dx + image * g.inputSize());
  }
}

/** One row of pixels per tap, times dy; images one after the other, so that the order of the sum is fixed. */
void oneChannelToFilter(const Geometry &g, const float *x, const float *dy, float *dfilter) {
  const int taps = g.taps(), pixels = g.pixels();
  static Scratch paddedScratch, seenScratch;
  float *padded = paddedScratch.floats(static_cast<size_t>(g.paddedHeight()) * g.paddedWidth());
  float *seen = seenScratch.floats(static_cast<size_t>(taps) * pixels);
  for (int image = 0; image < g.images; image++) {
    padImage(g, x + image * g.inputSize(), padded);
    for (int tap = 0; tap < taps; tap++)
      for (int y = 0; y < g.outHeight; y++) {
        const float *from = padded + static_cast<size_t>(y * g.strideHeight + tap / g.filterWidth) * g.paddedWidth() +
                            tap % g.filterWidth;
        float *to = seen + static_cast<size_t>(tap) * pixels + y * g.outWidth;
        for (int i = 0; i < g.outWidth; i++) to[i] = from[i * g.strideWidth];
      }
    multiply('N', taps, g.outChannels, pixels, seen, pixels, dy + image * g.outputSize(), g.outChannels,
             image == 0 ? 0.0f : 1.0f, dfilter, g.outChannels);
  }
}
