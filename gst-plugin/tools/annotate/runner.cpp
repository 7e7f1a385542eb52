// SPDX-License-Identifier: LGPL-2.1-or-later
#include "runner.h"

#include <gst/fkp/gstfkpmeta.h>
#include <gst/gst.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>

#include "caps.h"
#include "captions.h"
#include "csv.h"
#include "guarded.h"
#include "pipeline.h"
#include "still.h"
#include "times.h"

namespace fkp {
namespace {

using Clock = std::chrono::steady_clock;

/// Counts the frames that leave fkpdetect and their faces, and writes the CSV.
class Observer {
 public:
  Observer(const Pipeline& pipeline, Live& live, const std::string& csv) : element_(pipeline.element("detect")), live_(live) {
    if (!csv.empty()) csv_ = std::make_unique<Csv>(csv);
    const GstPtr<GstPad> pad = pipeline.pad("detect", "src");
    gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, passes, this, nullptr);
  }
  void finish() {
    if (csv_) csv_->close();
  }

 private:
  static GstPadProbeReturn passes(GstPad* pad, GstPadProbeInfo* info, gpointer user_data) {
    auto* self = static_cast<Observer*>(user_data);
    const bool good = guarded(self->element_.get(), [&] { self->look(pad, GST_PAD_PROBE_INFO_BUFFER(info)); });
    return good ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
  }

  void look(GstPad* pad, GstBuffer* buffer) {
    const GstFkpMeta* meta = gst_fkp_buffer_get_meta(buffer);
    const guint faces = meta ? gst_fkp_meta_get_n_faces(meta) : 0;
    if (csv_) csv_->write(live_.tally.frames, stream_time(pad, buffer), meta);
    live_.faces += faces;
    if (faces > 0) live_.frames_with_face++;
    live_.tally.add(pad, buffer);
  }

  GstPtr<GstElement> element_;
  Live& live_;
  std::unique_ptr<Csv> csv_;
};

void watch(GstPad* pad, Tally& tally) {
  const auto passes = [](GstPad* at, GstPadProbeInfo* info, gpointer user_data) {
    static_cast<Tally*>(user_data)->add(at, GST_PAD_PROBE_INFO_BUFFER(info));
    return GST_PAD_PROBE_OK;
  };
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, passes, &tally, nullptr);
}

/// Tallies of the streams that enter the muxer.
class MuxedStreams {
 public:
  explicit MuxedStreams(const Pipeline& pipeline) {
    const GstPtr<GstElement> muxer = pipeline.element("out");
    if (muxer) gst_element_foreach_sink_pad(muxer.get(), add, this);
  }
  std::uint64_t end() const {
    std::uint64_t end = 0;
    for (const Tally& tally : tallies_) end = std::max<std::uint64_t>(end, tally.position);
    return end;
  }
  std::uint64_t buffers() const {
    std::uint64_t sum = 0;
    for (const Tally& tally : tallies_) sum += tally.frames;
    return sum;
  }

 private:
  static gboolean add(GstElement*, GstPad* pad, gpointer user_data) {
    Tally& tally = static_cast<MuxedStreams*>(user_data)->tallies_.emplace_back();
    tally.lasting = !g_str_has_prefix(GST_PAD_NAME(pad), "subtitle");
    watch(pad, tally);
    return TRUE;
  }
  std::deque<Tally> tallies_;  // a deque, as they must not move
};

/// By default mp4mux chooses a time scale that fits a constant frame rate. This one represents the times of every usual frame rate and
/// of phones exactly; a track's length in it has to fit 32 bits.
void set_time_scale(GstPad* video, std::uint64_t duration) {
  if (!video || !g_object_class_find_property(G_OBJECT_GET_CLASS(video), "trak-timescale")) return;
  const bool fits = duration > 0 && duration < 3 * 3600 * GST_SECOND;
  g_object_set(video, "trak-timescale", fits ? 360000U : 90000U, nullptr);
}

/// Counts the buffers that come out of uridecodebin, of all streams.
class Intake {
 public:
  explicit Intake(const Pipeline& pipeline) {
    const GstPtr<GstElement> in = pipeline.element("in");
    if (in) g_signal_connect(in.get(), "pad-added", G_CALLBACK(on_pad), this);
  }
  std::uint64_t buffers() const { return buffers_; }

 private:
  static void on_pad(GstElement*, GstPad* pad, gpointer self) { gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, passes, self, nullptr); }
  static GstPadProbeReturn passes(GstPad*, GstPadProbeInfo*, gpointer self) {
    static_cast<Intake*>(self)->buffers_++;
    return GST_PAD_PROBE_OK;
  }
  std::atomic<std::uint64_t> buffers_{0};
};

/// Detects that a count has not changed for too long.
class Watchdog {
 public:
  explicit Watchdog(std::chrono::seconds patience) : patience_(patience) {}
  bool bites(std::uint64_t count) {
    constexpr Clock::duration kMost = std::chrono::seconds(1);  // between two looks; the program may have been stopped by Ctrl-Z
    const Clock::time_point now = Clock::now();
    idle_ = count != count_ ? Clock::duration::zero() : idle_ + std::min(now - looked_, kMost);
    count_ = count;
    looked_ = now;
    return idle_ > patience_;
  }

 private:
  std::chrono::seconds patience_;
  std::uint64_t count_ = 0;
  Clock::duration idle_{0};
  Clock::time_point looked_ = Clock::now();
};

/// Plays until the end of the stream. True if it was ended early. `buffers` counts all that moves.
bool play(Pipeline& pipeline, const RunOptions& options, const std::function<std::uint64_t()>& buffers, const Live& live,
          const std::atomic<Stop>& stop) {
  std::optional<Watchdog> stopping;
  Watchdog stalled(options.stall);
  pipeline.play();
  for (;;) {
    const Stop wanted = stop;
    if (wanted == Stop::now) throw Dropped();
    if (wanted == Stop::early && options.ends_early && !stopping) {
      stopping.emplace(options.patience);
      pipeline.end_stream();
    }
    if (stopping && stopping->bites(live.tally.frames))
      throw std::runtime_error("interrupted, but the video's streams do not end: given up");
    if (stalled.bites(buffers()) && !options.live)
      throw std::runtime_error(fmt::format("it made no progress for {} s", options.stall.count()));
    const GstPtr<GstMessage> message = pipeline.next_message(std::chrono::milliseconds(100));
    if (!message) continue;
    if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS) return stopping.has_value();
    const Complaint complaint(message.get());
    if (complaint.ends_the_run()) throw std::runtime_error(complaint.text(options.verbose));
    if (options.verbose || !complaint.is_known()) options.warn(complaint.text(options.verbose));
  }
}

}  // namespace

RunResult run_pipeline(const std::vector<std::string>& arguments, const RunOptions& options, Live& live, const std::atomic<Stop>& stop) {
  // In this order, so that the pipeline is destroyed first, and with it the threads that use the others.
  Tally coded;
  std::unique_ptr<Intake> intake;
  std::unique_ptr<MuxedStreams> muxed;
  Still still(options.duration);
  std::vector<std::unique_ptr<Captions>> captions;
  std::unique_ptr<Observer> observer;
  RunResult result;
  Pipeline pipeline(arguments);

  keep_demuxed_times(pipeline.get());
  if (const GstPtr<GstPad> decoded = pipeline.pad("decoded", "src")) {
    complete_video(decoded.get());
    keep_order(decoded.get());
  }
  if (const GstPtr<GstElement> size = pipeline.element("size")) keep_first_size(pipeline.pad("upright", "src").get(), size.get());
  live.duration = options.duration;
  observer = std::make_unique<Observer>(pipeline, live, options.csv);
  intake = std::make_unique<Intake>(pipeline);
  muxed = std::make_unique<MuxedStreams>(pipeline);
  if (options.still) still.watch(pipeline.pad("overlay", "src").get());
  const GstPtr<GstPad> coded_pad = pipeline.pad("coded", "src");
  if (coded_pad) watch(coded_pad.get(), coded);
  set_time_scale(pipeline.pad("out", "video_0").get(), options.duration);
  for (int i = 0; const GstPtr<GstPad> sound = pipeline.pad(fmt::format("sound_{}", i), "src"); i++) keep_sound_edges(sound.get());
  for (int i = 0; const GstPtr<GstPad> sound = pipeline.pad(fmt::format("raw_sound_{}", i), "src"); i++) complete_channels(sound.get());
  for (GstPtr<GstElement> setter; (setter = pipeline.element(fmt::format("captions_{}", captions.size())));)
    captions.push_back(std::make_unique<Captions>(setter.get(), options.format->caption_tags, options.format->captions_from_start));

  const Clock::time_point start = Clock::now();
  const auto buffers = [&] { return intake->buffers() + live.tally.frames + coded.frames + muxed->buffers(); };
  result.ended_early = play(pipeline, options, buffers, live, stop);
  pipeline.stop();
  result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  observer->finish();
  if (live.tally.frames == 0) throw std::runtime_error("no frame could be decoded");
  if (coded_pad && !(coded == live.tally))
    throw std::runtime_error(fmt::format("{} frames went in and {} came out, or their times differ: the copy is discarded",
                                         live.tally.frames.load(), coded.frames.load()));
  result.begin = live.tally.begin;
  result.end = std::max<std::uint64_t>(muxed->end(), live.tally.position);
  result.still = still.take();
  return result;
}

}  // namespace fkp
