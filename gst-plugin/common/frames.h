// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/base/gstbasetransform.h>

#include "fkp/core/error.h"

namespace fkp {

// What the elements that look into frames share.

/// A propose_allocation for elements whose frames pass through: whoever is downstream says how they should be allocated, but that they
/// may not be cropped by metadata alone, since these elements see the whole buffer.
gboolean propose_as_downstream(GstBaseTransform* base, GstQuery* decide, GstQuery* query);

/// A frame whose memory cannot be mapped, as one that is cut short.
class UnmappedFrame : public Error {
 public:
  UnmappedFrame() : Error(ErrorKind::unmapped, "A frame's memory cannot be mapped: it is passed on as it came.") {}
};

/// Such a frame does not end the stream, as with GStreamer's own elements. A warning tells of the first of several on end.
class UnmappedFrames {
 public:
  void came(GstElement* element, const UnmappedFrame& frame);
  void ended() { told_ = false; }

 private:
  bool told_ = false;
};

}  // namespace fkp
