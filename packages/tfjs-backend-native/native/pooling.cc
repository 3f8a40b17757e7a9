// Pooling of NHWC images by maximum or mean, and its gradients; the channels of a pixel are neighbours.
#include <algorithm>
#include <limits>
#include "call.h"
#include "convolution.h"
#include "lanes.h"
#include "scratch.h"

namespace {

/** Calls `visit` with the first channel of every pixel that the window of output pixel (oy, ox) sees. */
template <class Visit>
inline void visitWindow(const Geometry &g, int oy, int ox, Visit visit) {
  const int top = oy * g.strideHeight - g.top, left = ox * g.strideWidth - g.left;
  for (int y = std::max(0, top); y < std::min<int>(g.height, top + g.filterHeight); y++)
    for (int x = std::max(0, left); x < std::min<int>(g.width, left + g.filterWidth); x++)
      visit((static_cast<size_t>(y) * g.width + x) * g.inChannels);
}

/** x, out, geometry; NaN is the largest of all. */
void maxPool(Call &call) {
  const Geometry &g = *call.array<const Geometry>(2);
  const float *images = call.array<float>(0);
  float *outs = call.array<float>(1);
  const int channels = g.inChannels;
#pragma omp parallel for schedule(static)
  for (int image = 0; image < g.images; image++) {
    const float *x = images + image * g.inputSize();
    float *out = outs + image * g.outputSize();
    for (int oy = 0; oy < g.outHeight; oy++)
      for (int ox = 0; ox < g.outWidth; ox++, out += channels) {
        std::fill(out, out + channels, -std::numeric_limits<float>::infinity());
        visitWindow(g, oy, ox, [&](size_t at) {
          const float *from = x + at;
          for (int c = 0; c < channels; c++) out[c] = from[c] > out[c] || from[c] != from[c] ? from[c] : out[c];
        });
      }
  }
}

/** Where no pixel is in two windows, each is written once: to so many neighbouring channels at a time. */
void routeToMaxima(const Geometry &g, const float *dy, const float *x, const float *largest, float *dx) {
  const int channels = g.inChannels;
  for (int oy = 0; oy < g.outHeight; oy++)
    for (int ox = 0; ox < g.outWidth; ox++, dy += channels, largest += channels)
      for (int c = 0; c < channels; c += LANES) {
        const Lanes most = load(largest + c);
        Lanes waiting = load(dy + c);
        visitWindow(g, oy, ox, [&](size_t at) {
          const Lanes value = load(x + at + c);
          const auto found = (value == most) | ((value != value) & (most != most));
          store(dx + at + c, found ? waiting : Lanes{});
          waiting = found ? Lanes{} : waiting;
        });
      }
}

/** dy, x, pooled, dx, geometry: each window's gradient goes to the first pixel that has its maximum. */
void maxPoolToInput(Call &call) {
  const Geometry &g = *call.array<const Geometry>(4);
  const float *dys = call.array<float>(0), *images = call.array<float>(1), *pooled = call.array<float>(2);
  float *dxs = call.array<float>(3);
  const int channels = g.inChannels;
  const bool apart = g.strideHeight >= g.filterHeight && g.strideWidth >= g.filterWidth && channels % LANES == 0;
  const bool covered = g.strideHeight == g.filterHeight && g.strideWidth == g.filterWidth && g.top == 0 && g.left == 0 &&
                       g.outHeight * g.strideHeight == g.height && g.outWidth * g.strideWidth == g.width;
#pragma omp parallel for schedule(static)
  for (int image = 0; image < g.images; image++) {
    static thread_local Scratch waitingScratch;
    float *waiting = waitingScratch.floats(channels);
    const float *x = images + image * g.inputSize();
    const float *dy = dys + image * g.outputSize(), *largest = pooled + image * g.outputSize();
    float *dx = dxs + image * g.inputSize();
    if (!(apart && covered)) std::fill(dx, dx + g.inputSize(), 0.0f);
    if (apart) {
      routeToMaxima(g, dy, x, largest, dx);
      continue;
    }
    for (int oy = 0; oy < g.outHeight; oy++)
      for (int ox = 0; ox < g.outWidth; ox++, dy += channels, largest += channels) {
        std::copy(dy, dy + channels, waiting);
        visitWindow(g, oy, ox, [&](size_t at) {
          for (int c = 0; c < channels; c++) {
            const float value = x[at + c];
            const bool found = (value == largest[c]) | ((value != value) & (largest[c] != largest[c]));
            dx[at + c] += found ? waiting[c] : 0.0f;
            waiting[c] = found ? 0.0f : waiting[c];
          }
        });
      }
  }
}

/** x, out, geometry without a border. */
void averagePool(Call &call) {
  const Geometry &g = *call.array<const Geometry>(2);
  const float *images = call.array<float>(0);
  float *outs = call.array<float>(1);
  const int channels = g.inChannels;
  const float share = static_cast<float>(g.taps());
#pragma omp parallel for schedule(static)
  for (int image = 0; image < g.images; image++) {
    const float *x = images + image * g.inputSize();
    float *out = outs + image * g.outputSize();
    for (int oy = 0; oy < g.outHeight; oy++)
      for (int ox = 0; ox < g.outWidth; ox++, out += channels) {
        std::fill(out, out + channels, 0.0f);
        visitWindow(g, oy, ox, [&](size_t at) {
          for (int c = 0; c < channels; c++) out[c] += x[at + c];
        });
        for (int c = 0; c < channels; c++) out[c] /= share;
      }
  }
}

/** dy, dx, geometry without a border. */
void averagePoolToInput(Call &call) {
  const Geometry &g = *call.array<const Geometry>(2);
  const float *dys = call.array<float>(0);
  float *dxs = call.array<float>(1);
  const int channels = g.inChannels;
  const float share = static_cast<float>(g.taps());
#pragma omp parallel for schedule(static)
  for (int image = 0; image < g.images; image++) {
    const float *dy = dys + image * g.outputSize();
    float *dx = dxs + image * g.inputSize();
    std::fill(dx, dx + g.inputSize(), 0.0f);
    for (int oy = 0; oy < g.outHeight; oy++)
      for (int ox = 0; ox < g.outWidth; ox++, dy += channels)
        visitWindow(g, oy, ox, [&](size_t at) {
          for (int c = 0; c < channels; c++) dx[at + c] += dy[c] / share;
        });
  }
}

}  // namespace

extern const Export poolingExports[] = {{"maxPool", maxPool},
                                        {"maxPoolToInput", maxPoolToInput},
                                        {"averagePool", averagePool},
                                        {"averagePoolToInput", averagePoolToInput},
                                        {nullptr, nullptr}};
