// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/fkp/gstfkpmeta.h>

namespace fkp {

/// Like gst_meta_register(); with GStreamer 1.24 and later, the meta can also be sent to another process (unixfdsink, unixfdsrc).
const GstMetaInfo* register_meta(GstMetaInitFunction init, GstMetaFreeFunction free, GstMetaTransformFunction transform);

}  // namespace fkp
