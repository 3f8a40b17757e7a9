// Scratch memory that grows to the largest request and stays: one region per use, aligned to cache lines.
#pragma once
#include <cstdlib>
#include <new>

constexpr size_t CACHE_LINE = 64;

class Scratch {
 public:
  /** At least so many bytes of undefined content, valid until the next request. */
  void *bytes(size_t size) {
    if (size > capacity_) {
      std::free(memory_);
      capacity_ = (size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
      memory_ = std::aligned_alloc(CACHE_LINE, capacity_);
      if (memory_ == nullptr) {
        capacity_ = 0;
        throw std::bad_alloc();
      }
    }
    return memory_;
  }

  float *floats(size_t count) { return static_cast<float *>(bytes(count * sizeof(float))); }

  ~Scratch() { std::free(memory_); }

 private:
  void *memory_ = nullptr;
  size_t capacity_ = 0;
};
