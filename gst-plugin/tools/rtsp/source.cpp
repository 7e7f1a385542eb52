// SPDX-License-Identifier: LGPL-2.1-or-later
#include "source.h"

#include <gst/app/gstappsink.h>
#include <gst/rtsp/gstrtsptransport.h>

#include <cstring>
#include <mutex>

#include "element.h"

namespace fkp {

/// Stands between the streaming threads and the receiver of the frames: once it is shut, a pipeline that hangs while it is closed can do
/// no harm.
struct Source::Gate {
  std::mutex mutex;
  Take take;
  // For rtspsrc's thread, which also posts its errors:
  int stream = -1;      // the chosen one of the camera's streams
  bool others = false;  // whether it has streams that are no video

  void pass(GstSample* sample, GstClockTime base_time) {
    const std::lock_guard lock(mutex);
    if (take) take(sample, base_time);
  }
  void shut() {
    const std::lock_guard lock(mutex);
    take = nullptr;
  }
};

namespace {

GstRTSPLowerTrans lower_transport(Transport transport) {
  switch (transport) {
    case Transport::tcp:
      return GST_RTSP_LOWER_TRANS_TCP;
    case Transport::udp:
      return static_cast<GstRTSPLowerTrans>(GST_RTSP_LOWER_TRANS_UDP | GST_RTSP_LOWER_TRANS_UDP_MCAST);
    case Transport::automatic:
      break;
  }
  return static_cast<GstRTSPLowerTrans>(GST_RTSP_LOWER_TRANS_UDP | GST_RTSP_LOWER_TRANS_UDP_MCAST | GST_RTSP_LOWER_TRANS_TCP);
}

bool is_video_rtp(const GstCaps* caps) {
  const GstStructure* s = caps && gst_caps_get_size(caps) > 0 ? gst_caps_get_structure(caps, 0) : nullptr;
  return s && g_strcmp0(gst_structure_get_string(s, "media"), "video") == 0;
}

/// Links a new pad to the only sink pad of the next element, unless that is linked already.
void on_pad_added(GstElement*, GstPad* pad, gpointer next) {
  const GstPtr<GstPad> sink(gst_element_get_static_pad(GST_ELEMENT(next), "sink"));
  if (gst_pad_is_linked(sink.get()) || GST_PAD_LINK_SUCCESSFUL(gst_pad_link(pad, sink.get()))) return;
  GST_ELEMENT_ERROR(GST_ELEMENT(next), STREAM, FORMAT, ("The camera's stream has an unsupported format."), (nullptr));
}

/// Limits decoders to one thread: one per core for each of many cameras would be far too many, and frames would wait for each other.
void on_deep_element_added(GstBin*, GstBin*, GstElement* element, gpointer) {
  const char* klass = gst_element_get_metadata(element, GST_ELEMENT_METADATA_KLASS);
  if (klass && std::strstr(klass, "Decoder") && g_object_class_find_property(G_OBJECT_GET_CLASS(element), "max-threads"))
    g_object_set(element, "max-threads", 1, nullptr);
}

/// The caps that fkpdetect accepts, in ordinary memory.
GstPtr<GstCaps> detect_caps() {
  const auto detect = make_element("fkpdetect", nullptr);
  GstPadTemplate* sink = gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(detect.get()), "sink");
  return GstPtr<GstCaps>(gst_pad_template_get_caps(sink));
}

void set_up(GstElement* rtspsrc, const CameraConfig& camera) {
  const Address& address = camera.address;
  const guint64 microseconds = static_cast<guint64>(camera.timeout.count()) * 1000;
  g_object_set(rtspsrc, "location", address.location.c_str(), "latency", static_cast<guint>(camera.latency.count()), "tcp-timeout",
               microseconds, "timeout", microseconds / 2, "add-reference-timestamp-meta", TRUE, "protocols",
               lower_transport(camera.transport), nullptr);
  if (!address.user.empty()) g_object_set(rtspsrc, "user-id", address.user.c_str(), "user-pw", address.password.c_str(), nullptr);
  if (!camera.verify_tls) g_object_set(rtspsrc, "tls-validation-flags", 0, nullptr);
}

}  // namespace

/// Selects the first video stream only: the camera is not asked for sound, nor for a second video.
gboolean Source::on_select_stream(GstElement*, guint number, GstCaps* caps, gpointer gate) {
  Gate& g = **static_cast<std::shared_ptr<Gate>*>(gate);
  const bool video = is_video_rtp(caps);
  g.others = g.others || !video;
  if (g.stream < 0 && video) g.stream = static_cast<int>(number);
  return g.stream == static_cast<int>(number);
}

GstElement* Source::build(const CameraConfig& camera) {
  GstElement* rtspsrc = add_element(pipeline_.get(), "rtspsrc", "camera");
  GstElement* decode = add_element(pipeline_.get(), "decodebin", "decode");
  GstElement* convert = add_element(pipeline_.get(), "videoconvert", "convert");
  GstElement* out = add_element(pipeline_.get(), "appsink", "out");
  set_up(rtspsrc, camera);
  g_object_set(decode, "force-sw-decoders", TRUE, nullptr);  // others deliver special memory, and handle only a few streams
  g_object_set(out, "sync", FALSE, "max-buffers", 1, "enable-last-sample", FALSE, "caps", detect_caps().get(), nullptr);
  gst_element_link(convert, out);
  g_signal_connect_data(
      rtspsrc, "select-stream", G_CALLBACK(on_select_stream), new std::shared_ptr<Gate>(gate_),
      [](gpointer gate, GClosure*) { delete static_cast<std::shared_ptr<Gate>*>(gate); }, static_cast<GConnectFlags>(0));
  g_signal_connect(rtspsrc, "pad-added", G_CALLBACK(on_pad_added), decode);
  g_signal_connect(decode, "pad-added", G_CALLBACK(on_pad_added), convert);
  g_signal_connect(pipeline_.get(), "deep-element-added", G_CALLBACK(on_deep_element_added), nullptr);
  return out;
}

Source::Source(const CameraConfig& camera, Take take)
    : gate_(std::make_shared<Gate>()), pipeline_(GST_ELEMENT(gst_object_ref_sink(gst_pipeline_new(nullptr)))) {
  gate_->take = std::move(take);
  use_common_clock(pipeline_.get());
  GstElement* out = build(camera);

  GstAppSinkCallbacks callbacks{};
  callbacks.new_sample = [](GstAppSink* sink, gpointer gate) {
    GstPtr<GstSample> sample(gst_app_sink_pull_sample(sink));
    if (sample) (*static_cast<std::shared_ptr<Gate>*>(gate))->pass(sample.get(), gst_element_get_base_time(GST_ELEMENT(sink)));
    return GST_FLOW_OK;
  };
  gst_app_sink_set_callbacks(GST_APP_SINK(out), &callbacks, new std::shared_ptr<Gate>(gate_),
                             [](gpointer gate) { delete static_cast<std::shared_ptr<Gate>*>(gate); });

  const GstPtr<GstBus> bus(gst_element_get_bus(pipeline_.get()));
  watch_ = gst_bus_add_watch(
      bus.get(),
      [](GstBus*, GstMessage* message, gpointer self) -> gboolean {
        static_cast<Source*>(self)->hear(message);
        return G_SOURCE_CONTINUE;
      },
      this);
  gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);  // rtspsrc connects in its own thread
}

Source::~Source() { disconnect(); }

Flag Source::disconnect() {
  if (!pipeline_) return std::make_shared<std::atomic<bool>>(true);
  gate_->shut();
  g_source_remove(watch_);
  return close_pipeline(std::move(pipeline_));
}

void Source::hear(GstMessage* message) {
  if (complaint_) return;
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
    complaint_ = gate_->others && gate_->stream < 0 ? "the camera has no video" : text_of(message);
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS) complaint_ = "the camera has ended the stream";
}

}  // namespace fkp
