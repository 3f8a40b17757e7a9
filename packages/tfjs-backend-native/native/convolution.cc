// 2-D convolutions and both their gradients by oneDNN: primitives are kept by shape, images stay NHWC, filters are reordered.
#include "convolution.h"
#include <dnnl.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <unordered_map>
#include "call.h"
#include "scratch.h"

namespace {

using dnnl::memory;
using Tag = memory::format_tag;

constexpr size_t MOST_PLANS = 512;

enum class Pass : char { forward, toInput, toFilter };

dnnl::engine &engine() {
  static dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

dnnl::stream &stream() {
  static dnnl::stream one(engine());
  return one;
}

/** One compiled convolution, with what it needs to run again on other data. */
struct Plan {
  dnnl::primitive primitive;
  dnnl::primitive reorder;
  memory images, filter, bias, pixels;
  /** The filter as the primitive wants it; the same as `filter` where that is as it comes. */
  memory ordered;
  memory scratch;
  bool reordered = false;
};

memory::desc floats(const memory::dims &dims, Tag tag) { return memory::desc(dims, memory::data_type::f32, tag); }

#if DNNL_VERSION_MAJOR < 3
template <class Primitive, class... Facts>
typename Primitive::primitive_desc describe(const dnnl::primitive_attr &attributes, const Facts &...facts) {
  return {typename Primitive::desc(facts...), attributes, engine()};
}

template <class Primitive, class... Facts>
typename Primitive::primitive_desc describeBack(const dnnl::convolution_forward::primitive_desc &forward,
                                                const dnnl::primitive_attr &attributes, const Facts &...facts) {
  return {typename Primitive::desc(facts...), attributes, engine(), forward};
}
#else
template <class Primitive, class... Facts>
typename Primitive::primitive_desc describe(const dnnl::primitive_attr &attributes, const Facts &...facts) {
  return {engine(), facts..., attributes};
}

template <class Primitive, class... Facts>
typename Primitive::primitive_desc describeBack(const dnnl::convolution_forward::primitive_desc &forward,
                                                const dnnl::primitive_attr &attributes, const Facts &...facts) {
  return {engine(), facts..., forward, attributes};
}
#endif

std::unique_ptr<Plan> makePlan(const Geometry &g, Pass pass, bool biased) {
  const auto direct = dnnl::algorithm::convolution_direct;
  const memory::dims strides{g.strideHeight, g.strideWidth}, before{g.top, g.left};
  // Only what windows reach; what is left over at the end of a row is not padding.
  const memory::dims after{std::max(0, g.paddedHeight() - g.height - g.top), std::max(0, g.paddedWidth() - g.width - g.left)};
  const auto images = floats({g.images, g.inChannels, g.height, g.width}, Tag::nhwc);
  const auto pixels = floats({g.images, g.outChannels, g.outHeight, g.outWidth}, Tag::nhwc);
  const memory::dims filterDims{g.outChannels, g.inChannels, g.filterHeight, g.filterWidth};
  const auto filter = floats(filterDims, Tag::hwio), anyFilter = floats(filterDims, Tag::any);
  const auto bias = biased ? floats({g.outChannels}, Tag::x) : memory::desc();

  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  // The backward passes want to see the forward one that they belong to.
  const auto forward = describe<dnnl::convolution_forward>(attributes, dnnl::prop_kind::forward, direct, images, anyFilter,
                                                           bias, pixels, strides, before, after);
  auto plan = std::make_unique<Plan>();
  memory::desc wanted, scratch;
  switch (pass) {
    case Pass::forward:
      plan->primitive = dnnl::convolution_forward(forward);
      wanted = forward.weights_desc();
      scratch = forward.scratchpad_desc();
      break;
    case Pass::toInput: {
      const auto chosen = describeBack<dnnl::convolution_backward_data>(forward, attributes, direct, images, anyFilter,
                                                                       pixels, strides, before, after);
      plan->primitive = dnnl::convolution_backward_data(chosen);
      wanted = chosen.weights_desc();
      scratch = chosen.scratchpad_desc();
      break;
    }
    case Pass::toFilter: {
      const auto chosen = describeBack<dnnl::convolution_backward_weights>(forward, attributes, direct, images, anyFilter,
                                                                          pixels, strides, before, after);
      plan->primitive = dnnl::convolution_backward_weights(chosen);
      wanted = chosen.diff_weights_desc();
      scratch = chosen.scratchpad_desc();
      break;
    }
  }
  plan->images = memory(images, engine(), nullptr);
  plan->pixels = memory(pixels, engine(), nullptr);
  plan->filter = memory(filter, engine(), nullptr);
  plan->ordered = memory(wanted, engine(), nullptr);
  plan->scratch = memory(scratch, engine(), nullptr);
  if (biased) plan->bias = memory(bias, engine(), nullptr);
  plan->reordered = wanted != filter;
  if (plan->reordered)
    plan->reorder = pass == Pass::toFilter ? dnnl::reorder(plan->ordered, plan->filter)
                                           : dnnl::reorder(plan->filter, plan->ordered);
  return plan;
}

Plan &planFor(const Geometry &g, Pass pass, bool biased) {
  static std::unordered_map<std::string, std::unique_ptr<Plan>> plans;
  // Attacks go on with the images that still resist, so sizes never end.
  if (plans.size() >= MOST_PLANS) plans.clear();
  std::string key(reinterpret_cast<const char *>(&g), sizeof g);
  key.push_back(static_cast<char>(pass));
  key.push_back(biased ? 1 : 0);
  auto &plan = plans[key];
  if (!plan) plan = makePlan(g, pass, biased);
  return *plan;
}

/** Points the plan at data and at scratch memory that all plans share. */
void bind(Plan &plan, const float *images, const float *filter, const float *pixels) {
  static Scratch scratch, ordered;
  plan.images.set_data_handle(const_cast<float *>(images));
  plan.filter.set_data_handle(const_cast<float *>(filter));
  plan.pixels.set_data_handle(const_cast<float *>(pixels));
  plan.ordered.set_data_handle(plan.reordered ? ordered.bytes(plan.ordered.get_desc().get_size())
                                              : const_cast<float *>(filter));
  const size_t bytes = plan.scratch.get_desc().get_size();
  if (bytes > 0) plan.scratch.set_data_handle(scratch.bytes(bytes));
}

void reorder(Plan &plan, memory &from, memory &to) {
  if (!plan.reordered) return;
  plan.reorder.execute(stream(), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
}

/** relu in a pass of its own, because that of oneDNN turns NaN into 0: a run that diverged would go on. */
void clamp(float *values, int64_t count) {
#pragma omp parallel for schedule(static)
  for (int64_t i = 0; i < count; i++) values[i] = values[i] < 0.0f ? 0.0f : values[i];
}

const Geometry &geometryAt(const Call &call, size_t at) { return *call.array<const Geometry>(at); }

/** x, filter, bias or null, out, geometry, 1 for relu. */
void convolve(Call &call) {
  const Geometry &g = geometryAt(call, 4);
  const float *x = call.array<float>(0), *filter = call.array<float>(1), *bias = call.array<float>(2);
  float *out = call.array<float>(3);
  const bool relu = call.integer(5) != 0;
  if (g.inChannels == 1) return convolveOneChannel(g, x, filter, bias, relu, out);
  Plan &plan = planFor(g, Pass::forward, bias != nullptr);
  bind(plan, x, filter, out);
  reorder(plan, plan.filter, plan.ordered);
  std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, plan.images},
                                            {DNNL_ARG_WEIGHTS, plan.ordered},
                                            {DNNL_ARG_DST, plan.pixels},
                                            {DNNL_ARG_SCRATCHPAD, plan.scratch}};
  if (bias != nullptr) {
    plan.bias.set_data_handle(const_cast<float *>(bias));
    arguments.emplace(DNNL_ARG_BIAS, plan.bias);
  }
  plan.primitive.execute(stream(), arguments);
  stream().wait();
  if (relu) clamp(out, g.images * g.outputSize());
}

/** dy, filter, dx, geometry. */
void convolveToInput(Call &call) {
  const Geometry &g = geometryAt(call, 3);
  const float *dy = call.array<float>(0), *filter = call.array<float>(1);
  float *dx = call.array<float>(2);
  if (g.inChannels == 1) return oneChannelToInput(g, dy, filter, dx);
  Plan &plan = planFor(g, Pass::toInput, false);
  bind(plan, dx, filter, dy);
  reorder(plan, plan.filter, plan.ordered);
  plan.primitive.execute(stream(), {{DNNL_ARG_DIFF_DST, plan.pixels},
                                    {DNNL_ARG_WEIGHTS, plan.ordered},
                                    {DNNL_ARG_DIFF_SRC, plan.images},
                                    {DNNL_ARG_SCRATCHPAD, plan.scratch}});
  stream().wait();
}

/** x, dy, dfilter, geometry. */
void convolveToFilter(Call &call) {
  const Geometry &g = geometryAt(call, 3);
  const float *x = call.array<float>(0), *dy = call.array<float>(1);
  float *dfilter = call.array<float>(2);
  if (g.inChannels == 1) return oneChannelToFilter(g, x, dy, dfilter);
  Plan &plan = planFor(g, Pass::toFilter, false);
  bind(plan, x, dfilter, dy);
  plan.primitive.execute(stream(), {{DNNL_ARG_SRC, plan.images},
                                    {DNNL_ARG_DIFF_DST, plan.pixels},
                                    {DNNL_ARG_DIFF_WEIGHTS, plan.ordered},
                                    {DNNL_ARG_SCRATCHPAD, plan.scratch}});
  reorder(plan, plan.ordered, plan.filter);
  stream().wait();
}

}  // namespace

extern const Export convolutionExports[] = {
    {"convolve", convolve}, {"convolveToInput", convolveToInput}, {"convolveToFilter", convolveToFilter}, {nullptr, nullptr}};
