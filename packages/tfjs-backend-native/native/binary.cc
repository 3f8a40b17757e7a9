// Operations on two float tensors, element by element, either of which may repeat along any axes.
#include <cmath>
#include <cstring>
#include "call.h"

namespace {

constexpr int MOST_AXES = 8;
/** Below so many elements a second thread costs more than it saves. */
constexpr int64_t WORTH_THREADS = 1 << 16;

template <class Operation, class Result>
inline void combineRow(const float *a, int stepA, const float *b, int stepB, Result *out, int64_t count) {
  Operation operation;
  if (stepA == 1 && stepB == 1)
    for (int64_t i = 0; i < count; i++) out[i] = operation(a[i], b[i]);
  else if (stepA == 1)
    for (int64_t i = 0; i < count; i++) out[i] = operation(a[i], *b);
  else if (stepB == 1)
    for (int64_t i = 0; i < count; i++) out[i] = operation(*a, b[i]);
  else
    for (int64_t i = 0; i < count; i++) out[i] = operation(*a, *b);
}

/**
 * a, b, out, and [axes, lengths…, steps of a…, steps of b…]; a step of 0 repeats, and the last axis has steps of 1 or 0.
 */
template <class Operation, class Result>
void combine(Call &call) {
  const float *a = call.array<float>(0), *b = call.array<float>(1);
  Result *out = call.array<Result>(2);
  const int32_t *meta = call.array<int32_t>(3);
  const int axes = meta[0];
  const int32_t *lengths = meta + 1, *stepsA = lengths + axes, *stepsB = stepsA + axes;
  const int64_t columns = lengths[axes - 1];
  const int stepA = stepsA[axes - 1], stepB = stepsB[axes - 1];
  int64_t rows = 1;
  for (int axis = 0; axis + 1 < axes; axis++) rows *= lengths[axis];
  if (rows == 1) {
    constexpr int64_t PART = 1 << 14;
    const int64_t parts = (columns + PART - 1) / PART;
#pragma omp parallel for schedule(static) if (columns >= WORTH_THREADS)
    for (int64_t part = 0; part < parts; part++) {
      const int64_t first = part * PART, count = columns - first < PART ? columns - first : PART;
      combineRow<Operation>(a + first * stepA, stepA, b + first * stepB, stepB, out + first, count);
    }
    return;
  }
#pragma omp parallel for schedule(static) if (rows * columns >= WORTH_THREADS)
  for (int64_t row = 0; row < rows; row++) {
    int64_t rest = row, atA = 0, atB = 0;
    for (int axis = axes - 2; axis >= 0; axis--) {
      const int64_t index = axis == 0 ? rest : rest % lengths[axis];
      rest /= lengths[axis];
      atA += index * stepsA[axis];
      atB += index * stepsB[axis];
    }
    combineRow<Operation>(a + atA, stepA, b + atB, stepB, out + row * columns, columns);
  }
}

inline uint32_t bitsOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

inline float withSign(float value, uint32_t sign) {
  const uint32_t bits = (bitsOf(value) & 0x7fffffffu) | (sign & 0x80000000u);
  std::memcpy(&value, &bits, sizeof bits);
  return value;
}

#define OPERATION(name, result, expression)                                           \
  struct name {                                                                       \
    inline result operator()(float a, float b) const { return expression; }           \
  };

OPERATION(Add, float, a + b)
OPERATION(Sub, float, a - b)
OPERATION(Multiply, float, a *b)
OPERATION(RealDiv, float, a / b)
// NaN in either operand stays; of two zeros the positive one is the larger.
OPERATION(Maximum, float, a > b || a != a ? a : a == b ? withSign(a, bitsOf(a) & bitsOf(b)) : b)
OPERATION(Minimum, float, a < b || a != a ? a : a == b ? withSign(a, bitsOf(a) | bitsOf(b)) : b)
OPERATION(SquaredDifference, float, (a - b) * (a - b))
// dy where the relu's result is positive.
OPERATION(ReluGradient, float, b > 0.0f ? a : b != b ? b : 0.0f)
OPERATION(Equal, uint8_t, a == b)
OPERATION(NotEqual, uint8_t, a != b)
OPERATION(Greater, uint8_t, a > b)
OPERATION(GreaterEqual, uint8_t, a >= b)
OPERATION(Less, uint8_t, a < b)
OPERATION(LessEqual, uint8_t, a <= b)

/** adversarial, gradient, clean, out, count, step size, epsilon: one step of an Linf attack, projected onto ball and box. */
void pgdStepLinf(Call &call) {
  const float *x = call.array<float>(0), *gradient = call.array<float>(1), *clean = call.array<float>(2);
  float *out = call.array<float>(3);
  const int64_t count = static_cast<int64_t>(call.number(4));
  const float step = static_cast<float>(call.number(5)), epsilon = static_cast<float>(call.number(6));
#pragma omp parallel for schedule(static) if (count >= WORTH_THREADS)
  for (int64_t i = 0; i < count; i++) {
    const float slope = gradient[i], low = clean[i] - epsilon, high = clean[i] + epsilon;
    float moved = x[i] + step * (slope > 0.0f ? 1.0f : slope < 0.0f ? -1.0f : slope);
    moved = moved < low ? low : moved;
    moved = moved > high ? high : moved;
    moved = moved < 0.0f ? 0.0f : moved;
    out[i] = moved > 1.0f ? 1.0f : moved;
  }
}

}  // namespace

extern const Export binaryExports[] = {{"Add", combine<Add, float>},
                                       {"Sub", combine<Sub, float>},
                                       {"Multiply", combine<Multiply, float>},
                                       {"RealDiv", combine<RealDiv, float>},
                                       {"Maximum", combine<Maximum, float>},
                                       {"Minimum", combine<Minimum, float>},
                                       {"SquaredDifference", combine<SquaredDifference, float>},
                                       {"reluGradient", combine<ReluGradient, float>},
                                       {"Equal", combine<Equal, uint8_t>},
                                       {"NotEqual", combine<NotEqual, uint8_t>},
                                       {"Greater", combine<Greater, uint8_t>},
                                       {"GreaterEqual", combine<GreaterEqual, uint8_t>},
                                       {"Less", combine<Less, uint8_t>},
                                       {"LessEqual", combine<LessEqual, uint8_t>},
                                       {"pgdStepLinf", pgdStepLinf},
                                       {nullptr, nullptr}};
