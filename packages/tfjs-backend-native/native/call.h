// The arguments of one call from JavaScript: typed arrays by their address, numbers by value.
#pragma once
#include <node_api.h>
#include <cstdint>
#include <stdexcept>

constexpr size_t MOST_ARGUMENTS = 16;

class Call {
 public:
  Call(napi_env env, napi_callback_info info) : env_(env) {
    if (napi_get_cb_info(env, info, &count_, values_, nullptr, &data) != napi_ok)
      throw std::runtime_error("the arguments cannot be read");
  }

  /** Address of a typed array's first element; null for anything that is none. */
  template <class T>
  T *array(size_t at) const {
    void *address = nullptr;
    if (at >= count_) return nullptr;
    if (napi_get_typedarray_info(env_, values_[at], nullptr, nullptr, &address, nullptr, nullptr) != napi_ok) return nullptr;
    return static_cast<T *>(address);
  }

  double number(size_t at) const {
    double value = 0;
    if (at >= count_ || napi_get_value_double(env_, values_[at], &value) != napi_ok)
      throw std::invalid_argument("a number is missing");
    return value;
  }

  int integer(size_t at) const { return static_cast<int>(number(at)); }

  napi_env env() const { return env_; }

  void *data = nullptr;
  /** What the call returns; nothing unless set. */
  napi_value result = nullptr;

 private:
  napi_env env_;
  size_t count_ = MOST_ARGUMENTS;
  napi_value values_[MOST_ARGUMENTS];
};

using Function = void (*)(Call &);

struct Export {
  const char *name;
  Function function;
};
