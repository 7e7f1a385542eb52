// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>

#include <memory>

namespace fkp {

struct GstDeleter {
  void operator()(GstObject* p) const { gst_object_unref(p); }
  void operator()(GstElement* p) const { gst_object_unref(p); }
  void operator()(GstBus* p) const { gst_object_unref(p); }
  void operator()(GstPad* p) const { gst_object_unref(p); }
  void operator()(GstMessage* p) const { gst_message_unref(p); }
  void operator()(GstSample* p) const { gst_sample_unref(p); }
  void operator()(GstCaps* p) const { gst_caps_unref(p); }
  void operator()(GError* p) const { g_error_free(p); }
  void operator()(gchar* p) const { g_free(p); }
};

/// Owns what it points to.
template <typename T>
using GstPtr = std::unique_ptr<T, GstDeleter>;

struct GObjectDeleter {
  void operator()(gpointer p) const { g_object_unref(p); }
};

/// Owns an object of a library beside GStreamer's core.
template <typename T>
using GObjectPtr = std::unique_ptr<T, GObjectDeleter>;

}  // namespace fkp
