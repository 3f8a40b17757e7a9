// Sums, means and extremes over the middle axis of [outer, length, inner], and softmax over rows.
#include <algorithm>
#include <cmath>
#include "call.h"
#include "lanes.h"
#include "scratch.h"

namespace {

/** Floats are added up over so many values, then go into a double: as fast as floats, as exact as doubles. */
constexpr int64_t BLOCK = 64;

double sumRow(const float *x, int64_t length) {
  double sum = 0;
  constexpr int64_t STEP = 4 * LANES;
  int64_t at = 0;
  for (; at + STEP <= length;) {
    Lanes sums[4] = {};
    const int64_t end = std::min(length - STEP, at + BLOCK * LANES);
    for (; at <= end; at += STEP)
      for (int i = 0; i < 4; i++) sums[i] += load(x + at + i * LANES);
    const Lanes all = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    for (int lane = 0; lane < LANES; lane++) sum += static_cast<double>(all[lane]);
  }
  for (; at < length; at++) sum += static_cast<double>(x[at]);
  return sum;
}

/** The same for many neighbouring columns at once. */
void sumColumns(const float *x, int64_t length, int64_t inner, double divisor, float *out) {
  static Scratch floatScratch, doubleScratch;
  float *block = floatScratch.floats(inner);
  double *sums = static_cast<double *>(doubleScratch.bytes(inner * sizeof(double)));
  std::fill(sums, sums + inner, 0.0);
  for (int64_t first = 0; first < length; first += BLOCK) {
    std::fill(block, block + inner, 0.0f);
    for (int64_t row = first; row < std::min(length, first + BLOCK); row++)
      for (int64_t i = 0; i < inner; i++) block[i] += x[row * inner + i];
    for (int64_t i = 0; i < inner; i++) sums[i] += static_cast<double>(block[i]);
  }
  for (int64_t i = 0; i < inner; i++) out[i] = static_cast<float>(sums[i] / divisor);
}

struct Shape {
  int64_t outer, length, inner;
  Shape(const Call &call, size_t at)
      : outer(static_cast<int64_t>(call.number(at))),
        length(static_cast<int64_t>(call.number(at + 1))),
        inner(static_cast<int64_t>(call.number(at + 2))) {}
};

/** x, out, outer, length, inner, divisor of the sums. */
void sum(Call &call) {
  const float *x = call.array<float>(0);
  float *out = call.array<float>(1);
  const Shape s(call, 2);
  const double divisor = call.number(5);
  for (int64_t i = 0; i < s.outer; i++) {
    const float *from = x + i * s.length * s.inner;
    if (s.inner == 1) out[i] = static_cast<float>(sumRow(from, s.length) / divisor);
    else sumColumns(from, s.length, s.inner, divisor, out + i * s.inner);
  }
}

struct Larger {
  static bool beats(float a, float b) { return a > b; }
};
struct Smaller {
  static bool beats(float a, float b) { return a < b; }
};

/** x, out, outer, length, inner; NaN beats every number. */
template <class Order>
void extreme(Call &call) {
  const float *x = call.array<float>(0);
  float *out = call.array<float>(1);
  const Shape s(call, 2);
  for (int64_t i = 0; i < s.outer; i++) {
    const float *from = x + i * s.length * s.inner;
    float *best = out + i * s.inner;
    std::copy(from, from + s.inner, best);
    for (int64_t row = 1; row < s.length; row++)
      for (int64_t j = 0; j < s.inner; j++) {
        const float value = from[row * s.inner + j];
        best[j] = Order::beats(value, best[j]) || value != value ? value : best[j];
      }
  }
}

/** x, out (int32), outer, length, inner: where the first largest value stands. */
void argMax(Call &call) {
  const float *x = call.array<float>(0);
  int32_t *out = call.array<int32_t>(1);
  const Shape s(call, 2);
  for (int64_t i = 0; i < s.outer; i++)
    for (int64_t j = 0; j < s.inner; j++) {
      const float *from = x + i * s.length * s.inner + j;
      int64_t best = 0;
      for (int64_t row = 1; row < s.length; row++)
        if (from[row * s.inner] > from[best * s.inner]) best = row;
      out[i * s.inner + j] = static_cast<int32_t>(best);
    }
}

/** x, out, rows, columns. */
void softmax(Call &call) {
  const float *x = call.array<float>(0);
  float *out = call.array<float>(1);
  const int64_t rows = static_cast<int64_t>(call.number(2)), columns = static_cast<int64_t>(call.number(3));
  for (int64_t row = 0; row < rows; row++, x += columns, out += columns) {
    float largest = x[0];
    for (int64_t i = 1; i < columns; i++) largest = x[i] > largest ? x[i] : largest;
    double total = 0;
    for (int64_t i = 0; i < columns; i++) total += out[i] = std::exp(x[i] - largest);
    for (int64_t i = 0; i < columns; i++) out[i] = static_cast<float>(out[i] / total);
  }
}

}  // namespace

extern const Export reductionExports[] = {{"sum", sum},
                                          {"Max", extreme<Larger>},
                                          {"Min", extreme<Smaller>},
                                          {"argMax", argMax},
                                          {"softmax", softmax},
                                          {nullptr, nullptr}};
