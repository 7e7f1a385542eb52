// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>

namespace fkp {

/// Puts `event`, which it takes over, in the place of the one that passes a probe.
inline void replace_event(GstPadProbeInfo* info, GstEvent* event) {
  GstEvent* before = GST_PAD_PROBE_INFO_EVENT(info);
  gst_event_set_seqnum(event, gst_event_get_seqnum(before));
  gst_event_unref(before);
  GST_PAD_PROBE_INFO_DATA(info) = event;
}

}  // namespace fkp
