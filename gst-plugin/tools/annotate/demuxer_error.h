// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>

namespace fkp {

/// What the demuxer that decodebin would take says against a file; empty where it says nothing. decodebin swallows the error of a
/// demuxer that fails at once, now and then, and is silent for ever.
std::string demuxer_error(const std::string& file);

}  // namespace fkp
