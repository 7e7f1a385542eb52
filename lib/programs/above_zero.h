// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <CLI/CLI.hpp>
#include <cmath>
#include <string>

namespace fkp {

/// For a command-line option that takes a number above 0. CLI::PositiveNumber's message prints the largest double, in 309 digits.
inline CLI::Validator above_zero() {
  const auto why_not = [](std::string& text) {
    double value = 0;
    const bool good = CLI::detail::lexical_cast(text, value) && std::isfinite(value) && value > 0;
    return good ? std::string() : "must be a number above 0";
  };
  return {why_not, "", "above zero"};
}

}  // namespace fkp
