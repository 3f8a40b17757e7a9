// Operations on one tensor, element by element, and choices between two.
#include <cmath>
#include "call.h"

namespace {

constexpr int64_t WORTH_THREADS = 1 << 16;

/** x, out, count, and up to two numbers that the operation is made with. */
template <class Operation, class Operand, class Result>
void apply(Call &call) {
  const Operand *x = call.array<Operand>(0);
  Result *out = call.array<Result>(1);
  const int64_t count = static_cast<int64_t>(call.number(2));
  const Operation operation{static_cast<float>(call.number(3)), static_cast<float>(call.number(4))};
#pragma omp parallel for schedule(static) if (count >= WORTH_THREADS)
  for (int64_t i = 0; i < count; i++) out[i] = operation(x[i]);
}

#define OPERATION(name, operand, result, expression)                                  \
  struct name {                                                                       \
    float p, q;                                                                       \
    inline result operator()(operand x) const { return expression; }                  \
  };

// Where comparisons choose, NaN goes through; adding 0 makes a negative zero positive.
OPERATION(Abs, float, float, std::fabs(x))
OPERATION(ClipByValue, float, float, x > q ? q : x < p ? p : x)
OPERATION(Exp, float, float, std::exp(x))
OPERATION(LeakyRelu, float, float, x < 0.0f ? p * x : x)
OPERATION(Log, float, float, std::log(x))
OPERATION(Neg, float, float, -x)
OPERATION(Reciprocal, float, float, 1.0f / x)
OPERATION(Relu, float, float, (x < 0.0f ? 0.0f : x) + 0.0f)
OPERATION(Relu6, float, float, (x < 0.0f ? 0.0f : x > 6.0f ? 6.0f : x) + 0.0f)
OPERATION(Rsqrt, float, float, 1.0f / std::sqrt(x))
OPERATION(Sigmoid, float, float, 1.0f / (1.0f + std::exp(-x)))
OPERATION(Sign, float, float, x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : 0.0f)
OPERATION(Sqrt, float, float, std::sqrt(x))
OPERATION(Square, float, float, x *x)
OPERATION(Step, float, float, x > 0.0f ? 1.0f : x != x ? x : p)
OPERATION(Tanh, float, float, std::tanh(x))
OPERATION(BoolToFloat, uint8_t, float, static_cast<float>(x))
OPERATION(IntToFloat, int32_t, float, static_cast<float>(x))

/** condition, t, e, out, rows, columns: a row of t where the condition holds, else of e. */
void select(Call &call) {
  const uint8_t *condition = call.array<uint8_t>(0);
  const float *t = call.array<float>(1), *e = call.array<float>(2);
  float *out = call.array<float>(3);
  const int64_t rows = static_cast<int64_t>(call.number(4)), columns = static_cast<int64_t>(call.number(5));
  if (columns == 1) {
    for (int64_t i = 0; i < rows; i++) out[i] = condition[i] ? t[i] : e[i];
    return;
  }
  for (int64_t row = 0; row < rows; row++) {
    const float *from = condition[row] ? t : e;
    for (int64_t i = row * columns; i < (row + 1) * columns; i++) out[i] = from[i];
  }
}

}  // namespace

#define OF_FLOATS(name) {#name, apply<name, float, float>}

extern const Export unaryExports[] = {OF_FLOATS(Abs),
                                      OF_FLOATS(ClipByValue),
                                      OF_FLOATS(Exp),
                                      OF_FLOATS(LeakyRelu),
                                      OF_FLOATS(Log),
                                      OF_FLOATS(Neg),
                                      OF_FLOATS(Reciprocal),
                                      OF_FLOATS(Relu),
                                      OF_FLOATS(Relu6),
                                      OF_FLOATS(Rsqrt),
                                      OF_FLOATS(Sigmoid),
                                      OF_FLOATS(Sign),
                                      OF_FLOATS(Sqrt),
                                      OF_FLOATS(Square),
                                      OF_FLOATS(Step),
                                      OF_FLOATS(Tanh),
                                      {"BoolToFloat", apply<BoolToFloat, uint8_t, float>},
                                      {"IntToFloat", apply<IntToFloat, int32_t, float>},
                                      {"select", select},
                                      {nullptr, nullptr}};
