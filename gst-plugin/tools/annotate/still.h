// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "gst_ptr.h"

namespace fkp {

/// Keeps the frame with a face that is nearest to a video's middle.
class Still {
 public:
  /// `end`: of the video, nanoseconds of stream time; 0 if unknown.
  explicit Still(std::uint64_t end) : end_(end) {}
  /// Watches the frames that leave the pad from now on; must not go before its pipeline has stopped.
  void watch(GstPad* pad);
  GstPtr<GstSample> take() { return std::move(sample_); }

 private:
  static GstPadProbeReturn passes(GstPad* pad, GstPadProbeInfo* info, gpointer user_data);
  void look(GstPad* pad, GstBuffer* buffer);

  const std::uint64_t end_;
  std::optional<std::uint64_t> middle_;  // from the first frame on
  std::uint64_t distance_ = 0;
  GstPtr<GstSample> sample_;
};

/// Throws std::runtime_error.
void save_png(GstSample* frame, const std::string& file);

}  // namespace fkp
