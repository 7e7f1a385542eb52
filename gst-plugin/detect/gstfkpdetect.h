// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS

#define GST_TYPE_FKP_DETECT (gst_fkp_detect_get_type())
G_DECLARE_FINAL_TYPE(GstFkpDetect, gst_fkp_detect, GST, FKP_DETECT, GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE(fkpdetect)

G_END_DECLS
