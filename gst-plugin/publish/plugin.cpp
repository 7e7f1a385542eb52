// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gst/fkp/gstfkpmeta.h>

#include "gstfkppublish.h"

static gboolean plugin_init(GstPlugin* plugin) {
  gst_fkp_meta_get_info();  // unixfdsrc can only create metadata that is registered
  return GST_ELEMENT_REGISTER(fkppublish, plugin);
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, fkppublish, "Facial keypoint publisher", plugin_init, PACKAGE_VERSION, "LGPL",
                  PACKAGE, GST_PACKAGE_ORIGIN)
