// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS

#define GST_TYPE_FKP_PUBLISH (gst_fkp_publish_get_type())
G_DECLARE_FINAL_TYPE(GstFkpPublish, gst_fkp_publish, GST, FKP_PUBLISH, GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE(fkppublish)

G_END_DECLS
