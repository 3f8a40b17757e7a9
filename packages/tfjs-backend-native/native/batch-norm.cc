// Batch norm over the rows of [rows, channels] with the relu behind it, and its gradient, each in as few passes as the sums allow.
#include <algorithm>
#include <cmath>
#include <vector>
#include "call.h"
#include "scratch.h"

namespace {

/** Values that are summed in float before they go into a double; they stay in the cache for a second look. */
constexpr int64_t PART = 1 << 14;

struct Extent {
  int64_t rows, channels;
  int64_t rowsPerPart() const { return std::max<int64_t>(1, PART / channels); }
  int64_t parts() const { return (rows + rowsPerPart() - 1) / rowsPerPart(); }
  int64_t first(int64_t part) const { return part * rowsPerPart(); }
  int64_t end(int64_t part) const { return std::min(rows, first(part) + rowsPerPart()); }
};

Extent extentAt(const Call &call, size_t at) {
  return {static_cast<int64_t>(call.number(at)), static_cast<int64_t>(call.number(at + 1))};
}

/** weight/√(variance + ε) */
std::vector<float> scales(const Extent &extent, const float *weight, const float *variance, double epsilon) {
  std::vector<float> scale(extent.channels);
  for (int64_t c = 0; c < extent.channels; c++)
    scale[c] = static_cast<float>(weight[c] / std::sqrt(static_cast<double>(variance[c]) + epsilon));
  return scale;
}

/** Mean and biased variance: those of every part, put together as Chan, Golub & LeVeque (1983) do. */
void findStatistics(const Extent &extent, const float *x, float *mean, float *variance) {
  const int64_t channels = extent.channels, parts = extent.parts();
  static Scratch meanScratch, squareScratch;
  float *means = meanScratch.floats(parts * channels), *squares = squareScratch.floats(parts * channels);
#pragma omp parallel for schedule(static)
  for (int64_t part = 0; part < parts; part++) {
    float *__restrict m = means + part * channels, *__restrict s = squares + part * channels;
    const int64_t first = extent.first(part), end = extent.end(part);
    std::fill(m, m + channels, 0.0f);
    std::fill(s, s + channels, 0.0f);
    for (int64_t row = first; row < end; row++) {
      const float *__restrict from = x + row * channels;
      for (int64_t c = 0; c < channels; c++) m[c] += from[c];
    }
    const float share = 1.0f / static_cast<float>(end - first);
    for (int64_t c = 0; c < channels; c++) m[c] *= share;
    for (int64_t row = first; row < end; row++) {
      const float *__restrict from = x + row * channels;
      for (int64_t c = 0; c < channels; c++) {
        const float centred = from[c] - m[c];
        s[c] += centred * centred;
      }
    }
  }
  std::vector<double> total(channels, 0.0), spread(channels, 0.0);
  for (int64_t part = 0; part < parts; part++) {
    const double count = static_cast<double>(extent.end(part) - extent.first(part));
    for (int64_t c = 0; c < channels; c++) total[c] += count * means[part * channels + c];
  }
  for (int64_t c = 0; c < channels; c++) total[c] /= static_cast<double>(extent.rows);
  for (int64_t part = 0; part < parts; part++) {
    const double count = static_cast<double>(extent.end(part) - extent.first(part));
    for (int64_t c = 0; c < channels; c++) {
      const double away = means[part * channels + c] - total[c];
      spread[c] += squares[part * channels + c] + count * away * away;
    }
  }
  for (int64_t c = 0; c < channels; c++) {
    mean[c] = static_cast<float>(total[c]);
    variance[c] = static_cast<float>(spread[c] / static_cast<double>(extent.rows));
  }
}

inline float normalised(float x, float mean, float scale, float bias) { return (x - mean) * scale + bias; }

template <bool RELU>
void normalise(const Extent &extent, const float *x, const float *mean, const float *scale, const float *bias, float *out) {
  const int64_t channels = extent.channels;
#pragma omp parallel for schedule(static)
  for (int64_t part = 0; part < extent.parts(); part++)
    for (int64_t row = extent.first(part); row < extent.end(part); row++) {
      const float *__restrict from = x + row * channels;
      float *__restrict to = out + row * channels;
      for (int64_t c = 0; c < channels; c++) {
        const float y = normalised(from[c], mean[c], scale[c], bias[c]);
        // A comparison, not a maximum: NaN stays.
        to[c] = RELU && y < 0.0f ? 0.0f : y;
      }
    }
}

void normalise(const Extent &extent, bool relu, const float *x, const float *mean, const float *scale, const float *bias,
               float *out) {
  if (relu) normalise<true>(extent, x, mean, scale, bias, out);
  else normalise<false>(extent, x, mean, scale, bias, out);
}

/** x, weight, bias, out, mean, variance, rows, channels, ε, 1 for relu: the statistics are results. */
void byBatch(Call &call) {
  const float *x = call.array<float>(0);
  float *mean = call.array<float>(4), *variance = call.array<float>(5);
  const Extent extent = extentAt(call, 6);
  findStatistics(extent, x, mean, variance);
  const auto scale = scales(extent, call.array<float>(1), variance, call.number(8));
  normalise(extent, call.integer(9) != 0, x, mean, scale.data(), call.array<float>(2), call.array<float>(3));
}

/** The same by statistics that are given. */
void byRunning(Call &call) {
  const Extent extent = extentAt(call, 6);
  const auto scale = scales(extent, call.array<float>(1), call.array<float>(5), call.number(8));
  normalise(extent, call.integer(9) != 0, call.array<float>(0), call.array<float>(4), scale.data(), call.array<float>(2),
            call.array<float>(3));
}

struct Slope {
  const float *dy, *x, *mean, *scale, *bias;
  /** dy behind the relu, as it was forward. */
  template <bool RELU>
  inline float at(float dy, float x, int64_t c) const {
    return RELU && normalised(x, mean[c], scale[c], bias[c]) <= 0.0f ? 0.0f : dy;
  }
};

/** Σ dy and Σ dy·(x − mean) of every channel. */
template <bool RELU>
void sumSlopes(const Extent &extent, const Slope &slope, std::vector<double> &plain, std::vector<double> &weighted) {
  const int64_t channels = extent.channels, parts = extent.parts();
  static Scratch plainScratch, weightedScratch;
  float *plains = plainScratch.floats(parts * channels), *weighteds = weightedScratch.floats(parts * channels);
#pragma omp parallel for schedule(static)
  for (int64_t part = 0; part < parts; part++) {
    float *__restrict p = plains + part * channels, *__restrict w = weighteds + part * channels;
    std::fill(p, p + channels, 0.0f);
    std::fill(w, w + channels, 0.0f);
    for (int64_t row = extent.first(part); row < extent.end(part); row++) {
      const float *__restrict dy = slope.dy + row * channels, *__restrict x = slope.x + row * channels;
      for (int64_t c = 0; c < channels; c++) {
        const float value = slope.at<RELU>(dy[c], x[c], c);
        p[c] += value;
        w[c] += value * (x[c] - slope.mean[c]);
      }
    }
  }
  for (int64_t part = 0; part < parts; part++)
    for (int64_t c = 0; c < channels; c++) {
      plain[c] += plains[part * channels + c];
      weighted[c] += weighteds[part * channels + c];
    }
}

/** dx = scale·dy − shift − (x − mean)·lean */
template <bool RELU>
void slopeAtInput(const Extent &extent, const Slope &slope, const float *shift, const float *lean, float *dx) {
  const int64_t channels = extent.channels;
#pragma omp parallel for schedule(static)
  for (int64_t part = 0; part < extent.parts(); part++)
    for (int64_t row = extent.first(part); row < extent.end(part); row++) {
      const float *__restrict dy = slope.dy + row * channels, *__restrict x = slope.x + row * channels;
      float *__restrict to = dx + row * channels;
      for (int64_t c = 0; c < channels; c++)
        to[c] = slope.scale[c] * slope.at<RELU>(dy[c], x[c], c) - shift[c] - (x[c] - slope.mean[c]) * lean[c];
    }
}

/** dy, x, weight, bias, mean, variance, dx, dweight, dbias, rows, channels, ε, 1 for relu, 1 where statistics are of x. */
void gradient(Call &call) {
  const float *weight = call.array<float>(2), *variance = call.array<float>(5);
  float *dx = call.array<float>(6), *dweight = call.array<float>(7), *dbias = call.array<float>(8);
  const Extent extent = extentAt(call, 9);
  const double epsilon = call.number(11);
  const bool relu = call.integer(12) != 0, ofInput = call.integer(13) != 0;
  const auto scale = scales(extent, weight, variance, epsilon);
  const Slope slope{call.array<float>(0), call.array<float>(1), call.array<float>(4), scale.data(), call.array<float>(3)};
  std::vector<double> plain(extent.channels, 0.0), weighted(extent.channels, 0.0);
  if (relu) sumSlopes<true>(extent, slope, plain, weighted);
  else sumSlopes<false>(extent, slope, plain, weighted);
  std::vector<float> shift(extent.channels, 0.0f), lean(extent.channels, 0.0f);
  const double count = static_cast<double>(extent.rows);
  for (int64_t c = 0; c < extent.channels; c++) {
    const double spread = static_cast<double>(variance[c]) + epsilon;
    dweight[c] = static_cast<float>(weighted[c] / std::sqrt(spread));
    dbias[c] = static_cast<float>(plain[c]);
    if (!ofInput) continue;
    shift[c] = static_cast<float>(scale[c] * plain[c] / count);
    lean[c] = static_cast<float>(scale[c] * weighted[c] / (count * spread));
  }
  if (relu) slopeAtInput<true>(extent, slope, shift.data(), lean.data(), dx);
  else slopeAtInput<false>(extent, slope, shift.data(), lean.data(), dx);
}

}  // namespace

extern const Export batchNormExports[] = {{"batchNormByBatch", byBatch},
                                          {"batchNormByRunning", byRunning},
                                          {"batchNormGradient", gradient},
                                          {nullptr, nullptr}};
