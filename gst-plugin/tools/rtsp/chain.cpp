// SPDX-License-Identifier: LGPL-2.1-or-later
#include "chain.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>

#include <chrono>
#include <stdexcept>

#include "element.h"
#include "timing.h"

namespace fkp {
namespace {

constexpr guint64 kQueue = 8;  // frames waiting for fkpdetect, which passes on at once those that it has no time to analyse
// A camera's frames leave rtspsrc within its latency; a timestamp that is much older or in the future is wrong.
constexpr GstClockTime kBelievable = 10 * GST_SECOND;

/// When a frame arrived, by the common clock.
GstClockTime arrival(GstSample* sample, GstClockTime base_time, GstClockTime now) {
  const GstBuffer* buffer = gst_sample_get_buffer(sample);
  const GstClockTime running = gst_segment_to_running_time(gst_sample_get_segment(sample), GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
  if (!GST_CLOCK_TIME_IS_VALID(running)) return now;
  const GstClockTime time = base_time + running;
  return time > now + kBelievable || now > time + kBelievable ? now : time;
}

/// How long ago, by the camera's clock, a frame was captured; none if the camera does not send its time.
std::optional<std::chrono::nanoseconds> camera_delay(GstBuffer* buffer) {
  const auto captured = reference_time(buffer);
  if (!captured) return std::nullopt;
  return std::chrono::nanoseconds(g_get_real_time() * 1000 - *captured);
}

/// The numbers in an element's `stats`, if it has that property.
void read_stats(GstElement* element, std::map<std::string, double>& numbers) {
  if (!element || !g_object_class_find_property(G_OBJECT_GET_CLASS(element), "stats")) return;
  GstStructure* stats = nullptr;
  g_object_get(element, "stats", &stats, nullptr);
  if (!stats) return;
  for (int i = 0; i < gst_structure_n_fields(stats); i++) {
    const char* name = gst_structure_nth_field_name(stats, static_cast<guint>(i));
    const GValue* value = gst_structure_get_value(stats, name);
    GValue number = G_VALUE_INIT;
    g_value_init(&number, G_TYPE_DOUBLE);
    if (G_VALUE_HOLDS_BOOLEAN(value))
      numbers[name] = g_value_get_boolean(value);
    else if (g_value_transform(value, &number))
      numbers[name] = g_value_get_double(&number);
    g_value_unset(&number);
  }
  gst_structure_free(stats);
}

}  // namespace

Chain::Chain(const CameraConfig& camera, std::shared_ptr<Outlet> outlet, Warn warn)
    : outlet_(std::move(outlet)),
      warn_(std::move(warn)),
      pipeline_(GST_ELEMENT(gst_object_ref_sink(gst_pipeline_new(camera.name.c_str())))) {
  use_common_clock(pipeline_.get());
  in_ = add_element(pipeline_.get(), "appsrc", "in");
  detect_ = add_element(pipeline_.get(), "fkpdetect", "detect");
  if (camera.published) publish_ = add_element(pipeline_.get(), "fkppublish", "publish");
  GstElement* out = add_element(pipeline_.get(), "appsink", "out");
  g_object_set(in_, "is-live", TRUE, "format", GST_FORMAT_TIME, "max-bytes", guint64{0}, "max-buffers", guint64{0}, nullptr);
  g_object_set(out, "sync", FALSE, "max-buffers", 1, "enable-last-sample", FALSE, nullptr);
  g_object_set(detect_, "model-instance-id", kModelInstance, nullptr);
  apply(camera.detect, detect_);
  if (publish_) {
    g_object_set(publish_, "stream-id", camera.name.c_str(), nullptr);
    apply(camera.publish, publish_);
    gst_element_link_many(in_, detect_, publish_, out, nullptr);
  } else {
    gst_element_link_many(in_, detect_, out, nullptr);
  }

  GstAppSinkCallbacks callbacks{};
  callbacks.new_sample = [](GstAppSink* sink, gpointer self) {
    const GstPtr<GstSample> sample(gst_app_sink_pull_sample(sink));
    if (sample) static_cast<Chain*>(self)->take_out(sample.get());
    return GST_FLOW_OK;
  };
  gst_app_sink_set_callbacks(GST_APP_SINK(out), &callbacks, this, nullptr);
}

Chain::~Chain() {
  if (pipeline_) gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
  if (watch_) g_source_remove(watch_);
}

void Chain::start() {
  const GstPtr<GstBus> bus(gst_element_get_bus(pipeline_.get()));
  if (gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
    const GstPtr<GstMessage> message(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR));
    throw std::runtime_error(message ? text_of(message.get()) : "it does not start");
  }
  watch_ = gst_bus_add_watch(
      bus.get(),
      [](GstBus*, GstMessage* message, gpointer self) -> gboolean {
        static_cast<Chain*>(self)->hear(message);
        return G_SOURCE_CONTINUE;
      },
      this);
}

void Chain::hear(GstMessage* message) {
  switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_ERROR:
      if (!complaint_) complaint_ = text_of(message);
      finished_ = true;
      break;
    case GST_MESSAGE_EOS:
      finished_ = true;
      break;
    case GST_MESSAGE_WARNING:
      warn_(text_of(message));
      break;
    default:
      break;
  }
}

void Chain::push(GstSample* sample, GstClockTime base_time) {
  const GstClockTime now = clock_now(), came = arrival(sample, base_time, now), own_base = gst_element_get_base_time(in_);
  const bool full = gst_app_src_get_current_level_buffers(GST_APP_SRC(in_)) >= kQueue;
  {
    const std::lock_guard lock(mutex_);
    counts_.received++;
    counts_.dropped += full;
    counts_.behind = std::chrono::nanoseconds(static_cast<gint64>(now) - static_cast<gint64>(came));
  }
  if (full) return;
  GstBuffer* buffer = gst_buffer_copy(gst_sample_get_buffer(sample));  // shares the pixels
  GST_BUFFER_PTS(buffer) = came > own_base ? came - own_base : 0;
  GST_BUFFER_DTS(buffer) = GST_CLOCK_TIME_NONE;
  const GstPtr<GstSample> timed(gst_sample_new(buffer, gst_sample_get_caps(sample), nullptr, nullptr));
  gst_buffer_unref(buffer);
  gst_app_src_push_sample(GST_APP_SRC(in_), timed.get());
}

void Chain::take_out(GstSample* sample) {
  GstBuffer* buffer = gst_sample_get_buffer(sample);
  const GstClockTime came = GST_BUFFER_PTS(buffer) + gst_element_get_base_time(in_);
  const std::chrono::nanoseconds delay(static_cast<gint64>(clock_now()) - static_cast<gint64>(came));
  const auto by_camera = camera_delay(buffer);
  {
    const std::lock_guard lock(mutex_);
    counts_.frames++;
    counts_.delays.add(delay);
    counts_.recent.add(delay);
    if (by_camera) counts_.camera_delays.add(*by_camera);
  }
  outlet_->push(sample);
}

void Chain::finish() {
  if (!finished_) gst_app_src_end_of_stream(GST_APP_SRC(in_));
}

Flag Chain::close() {
  if (watch_) g_source_remove(watch_);
  watch_ = 0;
  return close_pipeline(GstPtr<GstElement>(GST_ELEMENT(gst_object_ref(pipeline_.get()))));
}

std::uint64_t Chain::received() const {
  const std::lock_guard lock(mutex_);
  return counts_.received;
}

std::chrono::nanoseconds Chain::behind() const {
  const std::lock_guard lock(mutex_);
  return counts_.behind;
}

void Chain::tell(CameraStatus& status, bool fresh) {
  {
    const std::lock_guard lock(mutex_);
    status.received = counts_.received;
    status.dropped = counts_.dropped;
    status.frames = counts_.frames;
    status.delays = counts_.delays;
    status.camera_delays = counts_.camera_delays;
    if (fresh) {
      counts_.last = counts_.recent;
      counts_.recent.clear();
    }
    status.recent = counts_.last.count() > 0 ? counts_.last : counts_.recent;
  }
  status.queued = static_cast<int>(gst_app_src_get_current_level_buffers(GST_APP_SRC(in_)));
  read_stats(detect_, status.detect);
  read_stats(publish_, status.publish);
}

}  // namespace fkp
