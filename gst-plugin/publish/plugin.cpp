// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gst/gst.h>

#include "gstfkppublish.h"

static gboolean plugin_init(GstPlugin* plugin) { return GST_ELEMENT_REGISTER(fkppublish, plugin); }

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, fkppublish, "Facial keypoint publisher", plugin_init, PACKAGE_VERSION, "LGPL",
                  PACKAGE, GST_PACKAGE_ORIGIN)
