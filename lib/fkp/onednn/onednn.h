// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <oneapi/dnnl/dnnl.hpp>
#include <utility>

// Private to libfkp and the trainer. oneDNN 2 and 3 differ in how a primitive is described.

namespace fkp {

template <class Primitive, class... Arguments>
typename Primitive::primitive_desc described(const dnnl::engine& engine, const dnnl::primitive_attr& attributes, Arguments&&... arguments) {
#if DNNL_VERSION_MAJOR >= 3
  return {engine, std::forward<Arguments>(arguments)..., attributes};
#else
  return {typename Primitive::desc(std::forward<Arguments>(arguments)...), attributes, engine};
#endif
}

/// The backward pass that belongs to `forward`.
template <class Primitive, class Forward, class... Arguments>
typename Primitive::primitive_desc described_backward(const dnnl::engine& engine, const Forward& forward, Arguments&&... arguments) {
#if DNNL_VERSION_MAJOR >= 3
  return {engine, std::forward<Arguments>(arguments)..., forward};
#else
  return {typename Primitive::desc(std::forward<Arguments>(arguments)...), engine, forward};
#endif
}

}  // namespace fkp
