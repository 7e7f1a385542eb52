// SPDX-License-Identifier: LGPL-2.1-or-later
#include "demuxer_error.h"

#include <gst/base/gsttypefindhelper.h>

#include <fstream>
#include <stdexcept>
#include <vector>

#include "pipeline.h"

namespace fkp {
namespace {

struct FeaturesDeleter {
  void operator()(GList* list) const { gst_plugin_feature_list_free(list); }
};
using Features = std::unique_ptr<GList, FeaturesDeleter>;

GstPtr<GstCaps> type_of(const std::string& file) {
  std::vector<char> head(64 * 1024);
  std::ifstream in(file, std::ios::binary);
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  const auto* data = reinterpret_cast<const guint8*>(head.data());
  return GstPtr<GstCaps>(gst_type_find_helper_for_data(nullptr, data, static_cast<gsize>(in.gcount()), nullptr));
}

std::string demuxer_for(GstCaps* caps) {
  const Features all(gst_element_factory_list_get_elements(GST_ELEMENT_FACTORY_TYPE_DEMUXER, GST_RANK_MARGINAL));
  const Features fitting(gst_element_factory_list_filter(all.get(), caps, GST_PAD_SINK, FALSE));  // best first
  return fitting ? GST_OBJECT_NAME(fitting->data) : "";
}

}  // namespace

std::string demuxer_error(const std::string& file) {
  const GstPtr<GstCaps> caps = type_of(file);
  const std::string demuxer = caps ? demuxer_for(caps.get()) : "";
  if (demuxer.empty()) return "";
  Pipeline pipeline({"filesrc", "name=file", "!", demuxer});
  g_object_set(pipeline.element("file").get(), "location", file.c_str(), nullptr);
  pipeline.play();
  const GstPtr<GstMessage> message = pipeline.next_message(std::chrono::seconds(3));
  return message && GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR ? Complaint(message.get()).text(false) : "";
}

}  // namespace fkp
