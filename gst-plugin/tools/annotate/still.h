// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <string>

#include "gst_ptr.h"

namespace fkp {

/// Keeps the frame with a face that is nearest to a given time.
class Still {
 public:
  explicit Still(std::uint64_t wanted) : wanted_(wanted) {}
  /// Watches the frames that leave the pad from now on.
  void watch(GstPad* pad);
  GstPtr<GstSample> take() { return std::move(sample_); }

 private:
  static GstPadProbeReturn passes(GstPad* pad, GstPadProbeInfo* info, gpointer user_data);
  void look(GstPad* pad, GstBuffer* buffer);

  std::uint64_t wanted_;
  std::uint64_t distance_ = 0;
  GstPtr<GstSample> sample_;
};

/// Throws std::runtime_error.
void save_png(GstSample* frame, const std::string& file);

}  // namespace fkp
