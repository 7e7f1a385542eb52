// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/base/gstbasetransform.h>

#include "fkp/core/error.h"

namespace fkp {

// Code shared by the elements.

/// A propose_allocation for elements that pass frames through: returns downstream's answer, except that frames may not be cropped by
/// metadata alone, since these elements see the whole buffer, and the points of faces would not be moved.
gboolean propose_as_downstream(GstBaseTransform* base, GstQuery* decide, GstQuery* query);

/// A frame whose memory cannot be mapped, because it is truncated for instance.
class UnmappedFrame : public Error {
 public:
  UnmappedFrame() : Error(ErrorKind::unmapped, "A frame's memory cannot be mapped: it is passed on unchanged.") {}
};

/// Reports frames that cannot be mapped. They do not end the stream, as in GStreamer's own elements; the first of several in a row
/// causes a warning.
class UnmappedFrames {
 public:
  void came(GstElement* element, const UnmappedFrame& frame);
  void ended() { told_ = false; }

 private:
  bool told_ = false;
};

}  // namespace fkp
