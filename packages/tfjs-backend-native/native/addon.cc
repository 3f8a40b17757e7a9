// Hands the kernels to JavaScript, and says what they were compiled for.
#include <dnnl.h>
#include <omp.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cstdlib>
#include <exception>
#include <string>
#include "call.h"
#include "lanes.h"
#include "scratch.h"

extern const Export batchNormExports[], binaryExports[], convolutionExports[], matrixExports[], movementExports[],
    optimizerExports[], poolingExports[], reductionExports[], unaryExports[];

namespace {

constexpr size_t HUGE_PAGE = size_t{1} << 21;

/** Threads of every later call; the same number gives the same bits. */
void setThreads(Call &call) {
  omp_set_dynamic(0);
  omp_set_num_threads(call.integer(0));
}

std::string instructionSet() {
  switch (dnnl_get_effective_cpu_isa()) {
    case dnnl_cpu_isa_sse41: return "sse41";
    case dnnl_cpu_isa_avx: return "avx";
    case dnnl_cpu_isa_avx2: return "avx2";
    case dnnl_cpu_isa_avx2_vnni: return "avx2_vnni";
    case dnnl_cpu_isa_avx512_core: return "avx512_core";
    case dnnl_cpu_isa_avx512_core_vnni: return "avx512_core_vnni";
    case dnnl_cpu_isa_avx512_core_bf16: return "avx512_core_bf16";
    case dnnl_cpu_isa_avx512_core_amx: return "avx512_core_amx";
    default: return "isa" + std::to_string(static_cast<unsigned>(dnnl_get_effective_cpu_isa()));
  }
}

/** Instruction set, width of our registers, caches: what oneDNN and the compiler choose their blocks, and so the bits, by. */
void describe(Call &call) {
  const dnnl_version_t *version = dnnl_version();
  const std::string text = instructionSet() + " " + std::to_string(LANES) + " " +
                           std::to_string(sysconf(_SC_LEVEL1_DCACHE_SIZE) / 1024) + " " +
                           std::to_string(sysconf(_SC_LEVEL2_CACHE_SIZE) / 1024) + " " + std::to_string(version->major) +
                           "." + std::to_string(version->minor) + "." + std::to_string(version->patch);
  napi_create_string_utf8(call.env(), text.c_str(), text.size(), &call.result);
}

/** bytes: memory that begins at a cache line. Fresh small pages cost more than most kernels, so large blocks get huge ones. */
void allocate(Call &call) {
  const size_t bytes = static_cast<size_t>(call.number(0));
  const size_t alignment = bytes >= HUGE_PAGE ? HUGE_PAGE : CACHE_LINE;
  void *memory = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  if (alignment == HUGE_PAGE) madvise(memory, bytes / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
  const auto free = [](napi_env, void *data, void *) { std::free(data); };
  if (napi_create_external_arraybuffer(call.env(), memory, bytes, free, nullptr, &call.result) != napi_ok) {
    std::free(memory);
    throw std::runtime_error("this Node.js does not take memory of ours");
  }
}

const Export ownExports[] = {
    {"setThreads", setThreads}, {"describe", describe}, {"allocate", allocate}, {nullptr, nullptr}};

/**
 * No signal reaches this thread, nor the threads that start in it, while a kernel runs: compiled kernels of oneDNN use the
 * stack pointer for something else, and a signal's frame would be written there (seen with the profiler of Node.js).
 */
class SignalsHeld {
 public:
  SignalsHeld() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsHeld() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

napi_value run(napi_env env, napi_callback_info info) {
  try {
    Call call(env, info);
    const SignalsHeld held;
    static_cast<const Export *>(call.data)->function(call);
    return call.result;
  } catch (const std::bad_alloc &) {
    napi_throw_error(env, nullptr, "out of memory in a native kernel");
  } catch (const std::exception &error) {
    napi_throw_error(env, nullptr, error.what());
  }
  return nullptr;
}

napi_value initialise(napi_env env, napi_value exports) {
  for (const Export *table : {batchNormExports, binaryExports, convolutionExports, matrixExports, movementExports,
                              optimizerExports, poolingExports, reductionExports, unaryExports, ownExports})
    for (const Export *entry = table; entry->name != nullptr; entry++) {
      napi_value function;
      napi_create_function(env, entry->name, NAPI_AUTO_LENGTH, run, const_cast<Export *>(entry), &function);
      napi_set_named_property(env, exports, entry->name, function);
    }
  return exports;
}

}  // namespace

NAPI_MODULE(reseed_native, initialise)
