// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/stand_in_device.h"

#include <ATen/EmptyTensor.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/unfold_native.h>
#include <ATen/ops/view_native.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <sys/mman.h>
#include <torch/library.h>
#include <torch/torch.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <mutex>
#include <system_error>
#include <utility>
#include <vector>

namespace fkp::test {
namespace {

using at::IntArrayRef;
using at::Tensor;
using c10::optional;

constexpr auto kType = c10::DeviceType::XPU;
constexpr auto kKey = c10::DispatchKey::XPU;

thread_local c10::DeviceIndex current = 0;

struct Guard final : c10::impl::DeviceGuardImplInterface {
  static constexpr auto static_type = kType;
  c10::DeviceType type() const override { return kType; }
  c10::Device exchangeDevice(c10::Device d) const override { return {kType, std::exchange(current, d.index())}; }
  c10::Device getDevice() const override { return {kType, current}; }
  void setDevice(c10::Device d) const override { current = d.index(); }
  void uncheckedSetDevice(c10::Device d) const noexcept override { current = d.index(); }
  c10::Stream getStream(c10::Device d) const noexcept override { return c10::Stream(c10::Stream::DEFAULT, d); }
  c10::Stream exchangeStream(c10::Stream s) const noexcept override { return s; }
  c10::DeviceIndex deviceCount() const noexcept override { return kStandIns; }
};
C10_REGISTER_GUARD_IMPL(XPU, Guard)

/// The same pages at two addresses: the one that tensors hold, which is inaccessible, and an accessible one.
class Memory {
 public:
  static at::DataPtr allocate(std::size_t size, c10::Device device) {
    if (size == 0) return {nullptr, device};
    const int pages = memfd_create("stand-in", 0);
    const bool there = pages >= 0 && ftruncate(pages, static_cast<off_t>(size)) == 0;
    const auto map = [&](int may) { return there ? mmap(nullptr, size, may, MAP_SHARED, pages, 0) : MAP_FAILED; };
    void *closed = map(PROT_NONE), *open = map(PROT_READ | PROT_WRITE);
    const int error = errno;
    if (pages >= 0) close(pages);
    if (closed == MAP_FAILED || open == MAP_FAILED) throw std::system_error(error, std::generic_category(), "the stand-in's memory");
    const std::lock_guard lock(mutex());
    all()[closed] = {static_cast<char*>(open), size};
    return {closed, closed, release, device};
  }

  static char* opened(void* closed) {
    const std::lock_guard lock(mutex());
    return all().at(closed).open;
  }

 private:
  struct Pages {
    char* open;
    std::size_t size;
  };

  static void release(void* closed) {
    std::unique_lock lock(mutex());
    const Pages pages = all().extract(closed).mapped();
    lock.unlock();
    munmap(closed, pages.size);
    munmap(pages.open, pages.size);
  }

  // Never destroyed: some tensors outlive all other static objects.
  static std::mutex& mutex() {
    static auto* const mutex = new std::mutex;
    return *mutex;
  }
  static std::map<void*, Pages>& all() {
    static auto* const all = new std::map<void*, Pages>;
    return *all;
  }
};

Tensor made(IntArrayRef sizes, IntArrayRef strides, c10::ScalarType type, c10::Device device) {
  const auto meta = c10::scalarTypeToTypeMeta(type);
  const std::size_t bytes = at::detail::computeStorageNbytes(sizes, strides, meta.itemsize());
  c10::Storage storage(c10::Storage::use_byte_size_t(), bytes, Memory::allocate(bytes, device), nullptr, false);
  auto tensor = at::detail::make_tensor<c10::TensorImpl>(std::move(storage), c10::DispatchKeySet(kKey), meta);
  tensor.unsafeGetTensorImpl()->set_sizes_and_strides(sizes, strides);
  return tensor;
}

c10::Device chosen(optional<c10::Device> device) { return device && device->has_index() ? *device : c10::Device(kType, current); }

Tensor empty_strided(IntArrayRef sizes, IntArrayRef strides, optional<c10::ScalarType> type, optional<c10::Layout>,
                     optional<c10::Device> device, optional<bool>) {
  return made(sizes, strides, type.value_or(at::kFloat), chosen(device));
}

Tensor empty(IntArrayRef sizes, optional<c10::ScalarType> type, optional<c10::Layout>, optional<c10::Device> device, optional<bool>,
             optional<c10::MemoryFormat> format) {
  const Tensor t = made(sizes, c10::contiguous_strides(sizes), type.value_or(at::kFloat), chosen(device));
  if (format && *format == c10::MemoryFormat::ChannelsLast) t.unsafeGetTensorImpl()->empty_tensor_restride(*format);
  return t;
}

/// The same memory as a CPU tensor.
Tensor opened(const Tensor& t) {
  if (!t.defined() || t.device().type() != kType) return t;
  void* closed = t.storage().data_ptr().get();
  const auto options = t.options().device(at::kCPU).requires_grad(false);
  if (!closed) return at::empty_strided(t.sizes(), t.strides(), options);
  const auto offset = static_cast<std::size_t>(t.storage_offset()) * t.itemsize();
  return at::from_blob(
      Memory::opened(closed) + offset, t.sizes(), t.strides(), [kept = t](void*) {}, options);
}

optional<Tensor> opened(const optional<Tensor>& t) { return t ? optional<Tensor>(opened(*t)) : t; }

/// A copy on the stand-in.
Tensor handed_over(const Tensor& t, c10::Device device) {
  if (!t.defined()) return t;
  const Tensor copy = made(t.sizes(), t.strides(), t.scalar_type(), device);
  opened(copy).copy_(t);
  return copy;
}

Tensor copy_from(const Tensor& from, const Tensor& to, bool) {
  opened(to).copy_(opened(from));
  return to;
}

const Tensor& resized(const Tensor& t, IntArrayRef sizes, optional<c10::MemoryFormat>) {
  t.unsafeGetTensorImpl()->set_storage_keep_dtype(made(sizes, c10::contiguous_strides(sizes), t.scalar_type(), t.device()).storage());
  t.unsafeGetTensorImpl()->set_sizes_contiguous(sizes);
  return t;
}

Tensor& set(Tensor& t, c10::Storage storage, std::int64_t offset, IntArrayRef sizes, IntArrayRef strides) {
  t.unsafeGetTensorImpl()->set_storage_keep_dtype(std::move(storage));
  t.unsafeGetTensorImpl()->set_storage_offset(offset);
  t.unsafeGetTensorImpl()->set_sizes_and_strides(sizes, strides);
  return t;
}

Tensor& set_to(Tensor& t, const Tensor& source) {
  return set(t, source.storage(), source.storage_offset(), source.sizes(), source.strides());
}

Tensor convolution(const Tensor& x, const Tensor& weight, const optional<Tensor>& bias, IntArrayRef stride, IntArrayRef padding,
                   IntArrayRef dilation, bool transposed, IntArrayRef more, std::int64_t groups) {
  return handed_over(at::convolution(opened(x), opened(weight), opened(bias), stride, padding, dilation, transposed, more, groups),
                     x.device());
}

std::tuple<Tensor, Tensor, Tensor> convolution_backward(const Tensor& of_y, const Tensor& x, const Tensor& weight, IntArrayRef stride,
                                                        IntArrayRef padding, IntArrayRef dilation, bool transposed, IntArrayRef more,
                                                        std::int64_t groups, std::array<bool, 3> wanted) {
  const auto [of_x, of_weight, of_bias] = at::convolution_backward(opened(of_y), opened(x), opened(weight), IntArrayRef{weight.size(0)},
                                                                   stride, padding, dilation, transposed, more, groups, wanted);
  const auto device = x.device();
  return {handed_over(of_x, device), handed_over(of_weight, device), handed_over(of_bias, device)};
}

/// Any other operation: runs that of the CPU on the same memory.
class OnProcessor {
 public:
  OnProcessor(const c10::OperatorHandle& operation, torch::jit::Stack& stack)
      : operation_(operation), stack_(stack), arguments_(operation.schema().arguments().size()) {}

  void run() {
    for (const auto& result : operation_.schema().returns())
      TORCH_CHECK(!result.alias_info() || result.alias_info()->isWrite(), operation_.schema().name(),
                  " gives a view: it needs a line below");
    const at::AutoDispatchBelowADInplaceOrView below;
    const auto first = stack_.end() - static_cast<std::ptrdiff_t>(arguments_);
    for (auto argument = first; argument != stack_.end(); ++argument) *argument = replaced(*argument);
    operation_.callBoxed(&stack_);
    const std::size_t results = operation_.schema().returns().size();
    for (auto result = stack_.end() - static_cast<std::ptrdiff_t>(results); result != stack_.end(); ++result) *result = restored(*result);
  }

 private:
  c10::IValue replaced(const c10::IValue& value) {
    if (value.isTensor()) return replaced(value.toTensor());
    if (value.isDevice()) {
      device_ = value.toDevice();
      return c10::Device(at::kCPU);
    }
    if (value.isTensorList()) {
      std::vector<Tensor> list;
      for (const Tensor& t : value.toTensorVector()) list.push_back(replaced(t));
      return list;
    }
    if (value.isOptionalTensorList()) {
      c10::List<optional<Tensor>> list;
      for (const optional<Tensor>& t : value.toOptionalTensorList()) list.push_back(t ? optional<Tensor>(opened(*t)) : t);
      return list;  // of indices, which may be on another device
    }
    return value;
  }

  Tensor replaced(const Tensor& t) {
    if (!t.defined()) return t;
    if (t.device().type() != kType && t.dim() == 0) return t;  // a scalar
    TORCH_CHECK(!device_ || *device_ == t.device(), operation_.schema().name(), ": tensors are on ", *device_, " and on ", t.device());
    device_ = t.device();
    const Tensor open = opened(t);
    replaced_.emplace_back(open, t);
    return open;
  }

  c10::IValue restored(const c10::IValue& value) {
    if (value.isTensor()) return restored(value.toTensor());
    if (!value.isTensorList()) return value;
    std::vector<Tensor> list;
    for (const Tensor& t : value.toTensorVector()) list.push_back(restored(t));
    return list;
  }

  Tensor restored(const Tensor& t) {
    const auto known = std::find_if(replaced_.begin(), replaced_.end(), [&](const auto& r) { return r.first.is_same(t); });
    if (known == replaced_.end()) return handed_over(t, *device_);
    const Tensor& closed = known->second;
    if (closed.sizes() != t.sizes())  // an output whose size was not known before
      opened(resized(closed, t.sizes(), c10::nullopt)).copy_(t);
    else
      TORCH_CHECK(t.data_ptr() == opened(closed).data_ptr(), operation_.schema().name(), " puts memory in place: it needs a line below");
    return closed;
  }

  const c10::OperatorHandle& operation_;
  torch::jit::Stack& stack_;
  const std::size_t arguments_;
  optional<c10::Device> device_;
  std::vector<std::pair<Tensor, Tensor>> replaced_;
};

void on_processor(const c10::OperatorHandle& operation, torch::jit::Stack* stack) { OnProcessor(operation, *stack).run(); }

TORCH_LIBRARY_IMPL(_, XPU, library) { library.fallback(torch::CppFunction::makeFromBoxedFunction<&on_processor>()); }

TORCH_LIBRARY_IMPL(aten, XPU, library) {
  library.impl("empty.memory_format", &empty);
  library.impl("empty_strided", &empty_strided);
  library.impl("_copy_from", &copy_from);
  library.impl("resize_", &resized);
  library.impl("set_.source_Storage_storage_offset", &set);
  library.impl("set_.source_Tensor", &set_to);
  library.impl("as_strided", &at::native::as_strided_tensorimpl);
  library.impl("view", &at::native::view);
  library.impl("unfold", &at::native::unfold);
  library.impl("_reshape_alias", &at::native::_reshape_alias);
  library.impl("convolution_overrideable", &convolution);
  library.impl("convolution_backward_overrideable", &convolution_backward);
}

}  // namespace
}  // namespace fkp::test
