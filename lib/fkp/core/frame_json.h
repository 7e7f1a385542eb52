// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fkp/core/face.h"

namespace fkp {

/// A wall-clock time and where it comes from.
struct WallTime {
  std::int64_t unix_ns = 0;  ///< nanoseconds since 1970, UTC
  bool reference = false;    ///< from the sender's clock; otherwise from this machine's
};

/// What is published about one frame.
struct FrameRecord {
  std::string stream;                        ///< empty: left out
  std::uint64_t frame = 0;                   ///< counted from 0
  std::optional<std::uint64_t> pts;          ///< nanoseconds
  std::optional<std::uint64_t> stream_time;  ///< nanoseconds: the position in the film
  std::optional<WallTime> time;
  int width = 0, height = 0;
  std::string scheme;
  std::vector<Face> faces;
};

/// Flags: which optional fields of a frame are written.
enum Include : unsigned {
  kIncludeTime = 1,  ///< stream_time, time, time_source
  kIncludeBox = 2,
  kIncludeScore = 4,
  kIncludeHeld = 8,
  kIncludePoints = 16,
  kIncludeConfidence = 32,  ///< of the points
  kIncludeAll = 63
};

struct JsonOptions {
  unsigned include = kIncludeAll;
  int decimals = 2;  ///< of coordinates; scores and confidences have two
};

/// One line of JSON, without a line feed. Its fields: docs/json.md.
std::string to_json(const FrameRecord& record, const JsonOptions& options = {});

/// RFC 3339 with microseconds, in UTC: "2026-01-31T12:00:00.000000Z".
std::string rfc3339(std::int64_t unix_ns);

}  // namespace fkp
