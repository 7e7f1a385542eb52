// SPDX-License-Identifier: LGPL-2.1-or-later
#include "runner.h"

#include <gst/fkp/gstfkpmeta.h>
#include <gst/gst.h>
#include <gst/video/video.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <utility>

#include "gst_ptr.h"
#include "programs/progress.h"

namespace fkp {
namespace {

using Clock = std::chrono::steady_clock;

guint n_faces(GstBuffer* buffer) {
  const GstFkpMeta* meta = gst_fkp_buffer_get_meta(buffer);
  return meta ? gst_fkp_meta_get_n_faces(meta) : 0;
}

/// Counts what passes behind fkpdetect. Filled by a streaming thread.
struct Counts {
  std::atomic<std::uint64_t> frames{0}, faces{0}, frames_with_face{0}, position{0};

  static GstPadProbeReturn probe(GstPad*, GstPadProbeInfo* info, gpointer user_data) {
    auto* self = static_cast<Counts*>(user_data);
    GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
    const guint n = n_faces(buffer);
    self->frames++;
    self->faces += n;
    if (n > 0) self->frames_with_face++;
    if (GST_BUFFER_PTS_IS_VALID(buffer)) self->position = GST_BUFFER_PTS(buffer);
    return GST_PAD_PROBE_OK;
  }
};

/// Keeps the frame with a face that lies nearest to a time.
class Still {
 public:
  explicit Still(std::uint64_t wanted) : wanted_(wanted) {}

  static GstPadProbeReturn probe(GstPad* pad, GstPadProbeInfo* info, gpointer user_data) {
    static_cast<Still*>(user_data)->look(pad, GST_PAD_PROBE_INFO_BUFFER(info));
    return GST_PAD_PROBE_OK;
  }

  GstPtr<GstSample> take() { return std::move(sample_); }

 private:
  void look(GstPad* pad, GstBuffer* buffer) {
    if (!GST_BUFFER_PTS_IS_VALID(buffer) || n_faces(buffer) == 0) return;
    const std::uint64_t pts = GST_BUFFER_PTS(buffer);
    const std::uint64_t distance = pts > wanted_ ? pts - wanted_ : wanted_ - pts;
    if (sample_ && distance >= distance_) return;
    const GstPtr<GstCaps> caps(gst_pad_get_current_caps(pad));
    sample_.reset(gst_sample_new(buffer, caps.get(), nullptr, nullptr));
    distance_ = distance;
  }

  std::uint64_t wanted_;
  std::uint64_t distance_ = 0;
  GstPtr<GstSample> sample_;
};

/// A pipeline that stops when it goes out of scope.
class Pipeline {
 public:
  explicit Pipeline(const std::vector<std::string>& arguments) {
    std::vector<const gchar*> words;
    words.reserve(arguments.size() + 1);
    for (const std::string& argument : arguments) words.push_back(argument.c_str());
    words.push_back(nullptr);
    GError* failure = nullptr;
    pipeline_.reset(gst_parse_launchv_full(words.data(), nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &failure));
    const GstPtr<GError> error(failure);
    if (pipeline_ && !error) return;
    std::string text = error ? error->message : "the pipeline cannot be built";
    if (error && g_error_matches(error.get(), GST_PARSE_ERROR, GST_PARSE_ERROR_NO_SUCH_ELEMENT))
      text += text.find("\"fkp") != std::string::npos ? "; set GST_PLUGIN_PATH to the folders of fkp's plugins"
                                                      : "; one of GStreamer's plugin packages is missing (base, good, bad, ugly, libav)";
    throw std::runtime_error(text);
  }
  ~Pipeline() { stop(); }
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  void stop() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }
  GstElement* get() const { return pipeline_.get(); }

  void add_probe(const char* element_name, GstPadProbeCallback callback, gpointer user_data) const {
    const GstPtr<GstElement> element(gst_bin_get_by_name(GST_BIN(pipeline_.get()), element_name));
    const GstPtr<GstPad> pad(element ? gst_element_get_static_pad(element.get(), "src") : nullptr);
    if (!pad) throw std::logic_error(std::string("the pipeline has no element '") + element_name + "'");
    gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, callback, user_data, nullptr);
  }

 private:
  GstPtr<GstElement> pipeline_;
};

/// An error or a warning of a pipeline.
class Complaint {
 public:
  explicit Complaint(GstMessage* message)
      : source_(GST_MESSAGE_SRC_NAME(message)), is_error_(GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
    GError* error = nullptr;
    gchar* details = nullptr;
    (is_error_ ? gst_message_parse_error : gst_message_parse_warning)(message, &error, &details);
    error_.reset(error);
    details_.reset(details);
  }

  /// A stream that found no element to go to lets the muxer wait for it for ever.
  bool ends_the_run() const { return is_error_ || g_error_matches(error_.get(), GST_PARSE_ERROR, GST_PARSE_ERROR_DELAYED_LINK); }
  /// media_info() has seen already which streams cannot be decoded.
  bool is_known() const { return !is_error_ && g_error_matches(error_.get(), GST_STREAM_ERROR, GST_STREAM_ERROR_CODEC_NOT_FOUND); }
  std::string text(bool verbose) const {
    std::string text = error_->message;
    if (verbose && details_) text += " (" + source_ + ": " + details_.get() + ")";
    return text;
  }

 private:
  std::string source_;
  bool is_error_;
  GstPtr<GError> error_;
  GstPtr<gchar> details_;
};

/// Tells when nothing has happened for too long.
class Watchdog {
 public:
  explicit Watchdog(std::chrono::seconds patience) : patience_(patience) {}
  bool bites(std::uint64_t frames) {
    if (frames != frames_) since_ = Clock::now();
    frames_ = frames;
    return Clock::now() - since_ > patience_;
  }

 private:
  std::chrono::seconds patience_;
  std::uint64_t frames_ = 0;
  Clock::time_point since_ = Clock::now();
};

std::string note_of(const Counts& counts, double seconds) {
  char text[96];
  std::snprintf(text, sizeof text, "%llu frames, %.1f frames/s", static_cast<unsigned long long>(counts.frames),
                seconds > 0 ? static_cast<double>(counts.frames) / seconds : 0.0);
  return text;
}

}  // namespace

RunResult run_pipeline(const std::vector<std::string>& arguments, const RunOptions& options, const std::atomic<bool>& stop) {
  Counts counts;
  Still still(options.duration / 2);
  RunResult result;
  Pipeline pipeline(arguments);
  pipeline.add_probe("detect", Counts::probe, &counts);
  if (options.still) pipeline.add_probe("overlay", Still::probe, &still);
  const GstPtr<GstBus> bus(gst_element_get_bus(pipeline.get()));

  Progress progress(options.label);
  const Clock::time_point start = Clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  // A failure is on the bus; ASYNC and SUCCESS end there too.
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  const auto wanted = static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_WARNING);
  std::optional<Watchdog> stopping;
  for (bool ended = false; !ended;) {
    if (stop && !stopping) {
      stopping.emplace(options.patience);
      gst_element_send_event(pipeline.get(), gst_event_new_eos());
    }
    if (stopping && stopping->bites(counts.frames)) throw std::runtime_error("interrupted, and the film's streams do not end: given up");
    const GstPtr<GstMessage> message(gst_bus_timed_pop_filtered(bus.get(), 100 * GST_MSECOND, wanted));
    if (!message) {
      const double done = options.duration > 0 ? static_cast<double>(counts.position) / static_cast<double>(options.duration) : 0;
      progress.update(done, note_of(counts, elapsed()));
      continue;
    }
    ended = GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS;
    if (ended) continue;
    const Complaint complaint(message.get());
    if (complaint.ends_the_run()) throw std::runtime_error(complaint.text(options.verbose));
    if (complaint.is_known() && !options.verbose) continue;
    progress.end_line();
    std::fprintf(stderr, "%s: %s\n", options.label.c_str(), complaint.text(options.verbose).c_str());
  }
  result.interrupted = stopping.has_value();
  pipeline.stop();
  result.seconds = elapsed();
  progress.finish(note_of(counts, result.seconds));
  result.frames = counts.frames;
  result.faces = counts.faces;
  result.frames_with_face = counts.frames_with_face;
  if (result.frames == 0) throw std::runtime_error("not one frame of it could be decoded");
  result.still = still.take();
  return result;
}

void save_png(GstSample* frame, const std::string& file) {
  GError* failure = nullptr;
  const GstPtr<GstCaps> png(gst_caps_new_empty_simple("image/png"));
  const GstPtr<GstSample> converted(gst_video_convert_sample(frame, png.get(), 30 * GST_SECOND, &failure));
  const GstPtr<GError> error(failure);
  if (!converted) throw std::runtime_error("cannot make a PNG: " + std::string(error ? error->message : "no frame came out"));
  GstMapInfo map;
  GstBuffer* buffer = gst_sample_get_buffer(converted.get());
  if (!gst_buffer_map(buffer, &map, GST_MAP_READ)) throw std::runtime_error("cannot make a PNG");
  std::ofstream out(file, std::ios::binary);
  out.write(reinterpret_cast<const char*>(map.data), static_cast<std::streamsize>(map.size));
  gst_buffer_unmap(buffer, &map);
  out.close();
  if (!out) throw std::runtime_error("cannot write '" + file + "'");
}

}  // namespace fkp
