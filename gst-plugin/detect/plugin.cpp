// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gstfkpdetect.h"

// Runs in the plugin scanner, too: must touch neither the model nor CUDA.
static gboolean plugin_init(GstPlugin* plugin) { return GST_ELEMENT_REGISTER(fkpdetect, plugin); }

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, fkpdetect, "Facial keypoint detector", plugin_init, PACKAGE_VERSION, "LGPL",
                  PACKAGE, GST_PACKAGE_ORIGIN)
