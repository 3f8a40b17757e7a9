// Steps of optimisers over flat vectors of weights: what a step reads and writes is most of what it costs.
#include <cmath>
#include "call.h"

namespace {

/** weights, gradient, velocity or null, new weights, new velocity, count, learning rate, momentum, decay, 1 for Nesterov. */
void sgdStep(Call &call) {
  const float *weights = call.array<float>(0), *gradient = call.array<float>(1), *velocity = call.array<float>(2);
  float *next = call.array<float>(3), *nextVelocity = call.array<float>(4);
  const int64_t count = static_cast<int64_t>(call.number(5));
  const float rate = static_cast<float>(call.number(6)), momentum = static_cast<float>(call.number(7));
  const float decay = static_cast<float>(call.number(8));
  const bool nesterov = call.integer(9) != 0;
#pragma omp parallel for schedule(static)
  for (int64_t i = 0; i < count; i++) {
    const float slope = gradient[i] + decay * weights[i];
    const float moved = velocity == nullptr ? slope : momentum * velocity[i] + slope;
    nextVelocity[i] = moved;
    next[i] = weights[i] - rate * (nesterov ? slope + momentum * moved : moved);
  }
}

/** weights, gradient, moments, the same three anew, count, rate, decay, β₁, β₂, correction of the root, ε. */
void adamStep(Call &call) {
  const float *weights = call.array<float>(0), *gradient = call.array<float>(1);
  const float *first = call.array<float>(2), *second = call.array<float>(3);
  float *next = call.array<float>(4), *nextFirst = call.array<float>(5), *nextSecond = call.array<float>(6);
  const int64_t count = static_cast<int64_t>(call.number(7));
  const float rate = static_cast<float>(call.number(8)), decay = static_cast<float>(call.number(9));
  const float share1 = static_cast<float>(1 - call.number(10)), beta2 = static_cast<float>(call.number(11));
  const float share2 = static_cast<float>(1 - call.number(11)), correction = static_cast<float>(call.number(12));
  const float epsilon = static_cast<float>(call.number(13));
#pragma omp parallel for schedule(static)
  for (int64_t i = 0; i < count; i++) {
    const float slope = gradient[i] + decay * weights[i];
    const float mean = first[i] + (slope - first[i]) * share1;
    const float square = second[i] * beta2 + slope * slope * share2;
    nextFirst[i] = mean;
    nextSecond[i] = square;
    next[i] = weights[i] - mean / (std::sqrt(square) / correction + epsilon) * rate;
  }
}

}  // namespace

extern const Export optimizerExports[] = {{"sgdStep", sgdStep}, {"adamStep", adamStep}, {nullptr, nullptr}};
