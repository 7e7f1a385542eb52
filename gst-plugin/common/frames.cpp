// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frames.h"

#include <gst/video/video.h>

#include "guarded.h"

namespace fkp {

gboolean propose_as_downstream(GstBaseTransform* base, GstQuery*, GstQuery* query) {
  if (!gst_pad_peer_query(GST_BASE_TRANSFORM_SRC_PAD(base), query)) return FALSE;
  guint index = 0;
  while (gst_query_find_allocation_meta(query, GST_VIDEO_CROP_META_API_TYPE, &index)) gst_query_remove_nth_allocation_meta(query, index);
  return TRUE;
}

void UnmappedFrames::came(GstElement* element, const UnmappedFrame& frame) {
  if (!told_) post(element, GST_MESSAGE_WARNING, frame.kind(), frame.what());
  told_ = true;
}

}  // namespace fkp
