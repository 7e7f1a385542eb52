// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <exception>
#include <string>

namespace fkp {

/// The exception's text for a user: "PATH: REASON" for one of std::filesystem, whose own text begins with the name of a function.
std::string message_of(const std::exception& error);

}  // namespace fkp
