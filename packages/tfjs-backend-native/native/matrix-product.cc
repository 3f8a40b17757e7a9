// Products of row-major matrices by oneDNN's matrix kernel, with bias and relu in a pass of their own.
#include <dnnl.h>
#include "call.h"

namespace {

/** a, b, bias or null, out, and [products, m, k, n, transpose a, transpose b, floats from one a to the next, of b, relu]. */
void multiplyMatrices(Call &call) {
  const float *a = call.array<float>(0), *b = call.array<float>(1), *bias = call.array<float>(2);
  float *out = call.array<float>(3);
  const int32_t *meta = call.array<int32_t>(4);
  const int64_t products = meta[0], m = meta[1], k = meta[2], n = meta[3];
  const bool transposeA = meta[4] != 0, transposeB = meta[5] != 0, relu = meta[8] != 0;
  for (int64_t i = 0; i < products; i++) {
    float *to = out + i * m * n;
    if (dnnl_sgemm(transposeA ? 'T' : 'N', transposeB ? 'T' : 'N', m, n, k, 1.0f, a + i * meta[6], transposeA ? m : k,
                   b + i * meta[7], transposeB ? k : n, 0.0f, to, n) != dnnl_success)
      throw std::runtime_error("oneDNN refused a matrix product");
    if (bias == nullptr && !relu) continue;
    for (int64_t row = 0; row < m; row++)
      for (int64_t column = 0; column < n; column++) {
        const float sum = to[row * n + column] + (bias == nullptr ? 0.0f : bias[column]);
        to[row * n + column] = relu && sum < 0.0f ? 0.0f : sum;
      }
  }
}

}  // namespace

extern const Export matrixExports[] = {{"multiplyMatrices", multiplyMatrices}, {nullptr, nullptr}};
