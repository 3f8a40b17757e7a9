// One register of floats, as wide as the processor that this is compiled for has them, with the few operations needed.
#pragma once
#include <cstring>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
constexpr int LANES = 16;
#elif defined(__AVX__)
constexpr int LANES = 8;
#else
constexpr int LANES = 4;
#endif

typedef float Lanes __attribute__((vector_size(LANES * sizeof(float))));

static inline Lanes load(const float *from) {
  Lanes value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

static inline void store(float *to, Lanes value) { std::memcpy(to, &value, sizeof value); }

static inline Lanes splat(float value) { return value - Lanes{}; }

/** a b + c, rounded once where the processor can. Spelled out, because the compiler is told not to contract by itself. */
static inline Lanes multiplyAdd(Lanes a, Lanes b, Lanes c) {
#if defined(__AVX512F__)
  return (Lanes)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__AVX__) && defined(__FMA__)
  return (Lanes)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#else
  return a * b + c;
#endif
}
