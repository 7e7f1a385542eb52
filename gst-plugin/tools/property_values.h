// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <vector>

namespace fkp {

/// A property of an element, as the user wrote it.
struct PropertyValue {
  std::string name, value;
  std::string where;  ///< FILE:LINE, or the command-line option
};
using PropertyValues = std::vector<PropertyValue>;

}  // namespace fkp
