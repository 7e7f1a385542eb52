// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <c10/util/Exception.h>

#include <exception>
#include <string>

// Private to this library and to the trainer: torch stays out of the public headers.

namespace fkp {

/// The exception's text, without libtorch's backtrace.
inline std::string text_of(const std::exception& e) {
  const auto* of_torch = dynamic_cast<const c10::Error*>(&e);
  return of_torch ? of_torch->what_without_backtrace() : e.what();
}

inline std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace fkp
