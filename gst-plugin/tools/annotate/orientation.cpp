// SPDX-License-Identifier: LGPL-2.1-or-later
#include "orientation.h"

#include <gst/video/video.h>

#include "pipeline.h"

namespace fkp {
namespace {

constexpr std::chrono::seconds kPatience{30};

const char* nick_of(GstVideoOrientationMethod method) {
  static auto* methods = static_cast<GEnumClass*>(g_type_class_ref(GST_TYPE_VIDEO_ORIENTATION_METHOD));
  const GEnumValue* value = g_enum_get_value(methods, method);
  return value ? value->value_nick : "auto";
}

/// The direction in the tags that have come to a pad.
std::string direction_at(GstPad* pad) {
  std::string direction = "auto";
  for (guint i = 0; GstEvent* event = gst_pad_get_sticky_event(pad, GST_EVENT_TAG, i); i++) {
    GstTagList* tags = nullptr;
    GstVideoOrientationMethod method = GST_VIDEO_ORIENTATION_AUTO;
    gst_event_parse_tag(event, &tags);
    if (gst_video_orientation_from_tag(tags, &method)) direction = nick_of(method);
    gst_event_unref(event);
  }
  return direction;
}

}  // namespace

// A truncated JPEG is refused by jpegparse, though it can be decoded: this says "auto" then.
std::string jpeg_direction(const std::string& uri) {
  Pipeline pipeline({"uridecodebin", "name=in", "caps=image/jpeg", "!", "jpegparse", "!", "fakesink", "name=out", "sync=false"});
  g_object_set(pipeline.element("in").get(), "uri", uri.c_str(), nullptr);
  pipeline.play();
  pipeline.next_message(kPatience);
  return direction_at(pipeline.pad("out", "sink").get());
}

}  // namespace fkp
