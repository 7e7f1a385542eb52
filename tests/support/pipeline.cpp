// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipeline.h"

#include <stdexcept>

namespace fkp::test {
namespace {

constexpr GstClockTime kPatience = 30 * GST_SECOND;

GstElement* parsed(const std::string& text) {
  GError* error = nullptr;
  GstElement* pipeline = gst_parse_launch(text.c_str(), &error);
  if (error) {
    const std::string message = error->message;
    g_clear_error(&error);
    g_clear_object(&pipeline);
    throw std::runtime_error(message);
  }
  return pipeline;
}

}  // namespace

Pipeline::Pipeline(const std::string& text) : pipeline_(parsed(text), gst_object_unref) {}

Pipeline::~Pipeline() { gst_element_set_state(get(), GST_STATE_NULL); }

void Pipeline::on_buffer(const std::string& element, const std::string& pad, std::function<void(GstBuffer*)> seen) {
  using Seen = std::function<void(GstBuffer*)>;
  GstElement* found = gst_bin_get_by_name(GST_BIN(get()), element.c_str());
  if (!found) throw std::runtime_error("no element " + element);
  GstPad* at = gst_element_get_static_pad(found, pad.c_str());
  gst_pad_add_probe(
      at, GST_PAD_PROBE_TYPE_BUFFER,
      [](GstPad*, GstPadProbeInfo* info, gpointer data) {
        (*static_cast<Seen*>(data))(GST_PAD_PROBE_INFO_BUFFER(info));
        return GST_PAD_PROBE_OK;
      },
      new Seen(std::move(seen)), [](gpointer data) { delete static_cast<Seen*>(data); });
  gst_object_unref(at);
  gst_object_unref(found);
}

Ending Pipeline::run() {
  gst_element_set_state(get(), GST_STATE_PLAYING);
  GstBus* bus = gst_element_get_bus(get());
  GstMessage* message = gst_bus_timed_pop_filtered(bus, kPatience, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  gst_object_unref(bus);
  Ending ending;
  if (!message) {
    ending.message = "timeout";
  } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS) {
    ending.eos = true;
  } else {
    GError* error = nullptr;
    gst_message_parse_error(message, &error, nullptr);
    ending.domain = error->domain;
    ending.code = error->code;
    ending.message = error->message;
    g_error_free(error);
  }
  if (message) gst_message_unref(message);
  gst_element_set_state(get(), GST_STATE_NULL);
  return ending;
}

}  // namespace fkp::test
