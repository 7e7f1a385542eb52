// SPDX-License-Identifier: LGPL-2.1-or-later
#include "media.h"

namespace fkp::test {
namespace {

struct Probe {
  Pipeline::Seen seen;
  bool writable;
};

GstPadProbeReturn call(GstPad*, GstPadProbeInfo* info, gpointer data) {
  const auto* probe = static_cast<Probe*>(data);
  if (probe->writable) info->data = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
  probe->seen(GST_PAD_PROBE_INFO_BUFFER(info));
  return GST_PAD_PROBE_OK;
}

}  // namespace

Scheme triangle() {
  GError* error = nullptr;
  Scheme scheme(gst_fkp_scheme_new_from_json(
      R"({"name": "triangle-3", "points": ["right", "left", "low"], "mirror": [1, 0, 2], "outlines": [{"points": [0, 1, 2], "closed": true}]})",
      &error));
  EXPECT_EQ(error, nullptr) << error->message;
  return scheme;
}

void add_triangle(GstFkpMeta* meta, guint id, float x, float y, float side, bool held) {
  const GstFkpPoint points[] = {{x, y, 0.5f}, {x + side, y, 0.75f}, {x + side / 2, y + side, 1}};
  gst_fkp_meta_add_face(meta, id, x, y, side, side, 0.9f, held, points, 3);
}

Pipeline::Pipeline(const std::string& description) {
  GError* error = nullptr;
  GstElement* pipeline = gst_parse_launch(description.c_str(), &error);
  if (error != nullptr) ADD_FAILURE() << error->message;
  g_clear_error(&error);
  pipeline_.reset(GST_ELEMENT(gst_object_ref_sink(pipeline)));
}

Pipeline::~Pipeline() { gst_element_set_state(get(), GST_STATE_NULL); }

Pipeline& Pipeline::mark(Seen mark) {
  probe("source", "src", std::move(mark), true);
  return *this;
}

Pipeline& Pipeline::watch(const std::string& at, Seen seen) {
  probe(at, "sink", std::move(seen), false);
  return *this;
}

void Pipeline::probe(const std::string& element, const char* pad_name, Seen seen, bool writable) {
  const Element found(gst_bin_get_by_name(GST_BIN(get()), element.c_str()));
  ASSERT_TRUE(found) << element;
  GstPad* pad = gst_element_get_static_pad(found.get(), pad_name);
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, call, new Probe{std::move(seen), writable},
                    [](gpointer data) { delete static_cast<Probe*>(data); });
  gst_object_unref(pad);
}

Outcome Pipeline::run(GstClockTime at_most) {
  Outcome outcome;
  gst_element_set_state(get(), GST_STATE_PLAYING);
  GstBus* bus = gst_element_get_bus(get());
  GstMessage* message = gst_bus_timed_pop_filtered(bus, at_most, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  gst_object_unref(bus);
  if (message == nullptr) {
    ADD_FAILURE() << "the pipeline neither ended nor failed in time";
    return outcome;
  }
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
    GError* error = nullptr;
    gst_message_parse_error(message, &error, nullptr);
    outcome = {error->domain, error->code, error->message};
    g_error_free(error);
  }
  gst_message_unref(message);
  gst_element_set_state(get(), GST_STATE_NULL);
  return outcome;
}

}  // namespace fkp::test
