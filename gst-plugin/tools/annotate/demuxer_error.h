// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>

namespace fkp {

/// The error that decodebin's choice of demuxer reports for a file; empty if there is none. decodebin sometimes swallows the error of a
/// demuxer that fails at once, and then stays silent for ever.
std::string demuxer_error(const std::string& file);

}  // namespace fkp
