// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS

#define GST_TYPE_FKP_OVERLAY (gst_fkp_overlay_get_type())
G_DECLARE_FINAL_TYPE(GstFkpOverlay, gst_fkp_overlay, GST, FKP_OVERLAY, GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE(fkpoverlay)

G_END_DECLS
