// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/fkp/gstfkpmeta.h>

#include <cstdint>
#include <fstream>
#include <string>

namespace fkp {

/// Faces as comma-separated values: one row for each face of each frame (docs/annotate.md).
class Csv {
 public:
  /// Throws Error.
  explicit Csv(const std::string& file);

  /// `time` in nanoseconds; GST_CLOCK_TIME_NONE leaves it empty. Throws Error.
  void write(std::uint64_t frame, GstClockTime time, const GstFkpMeta* meta);
  /// Throws Error.
  void close();

 private:
  void begin(const GstFkpScheme* scheme);
  void check();

  std::string name_;
  std::ofstream out_;
  bool begun_ = false;  ///< whether the header row is written
};

}  // namespace fkp
