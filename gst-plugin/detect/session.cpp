// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session.h"

#include <algorithm>

#include "attach.h"
#include "fkp/shared_net.h"
#include "guarded.h"
#include "mapped_luma.h"
#include "timing.h"

GST_DEBUG_CATEGORY_EXTERN(gst_fkp_detect_debug);
#define GST_CAT_DEFAULT gst_fkp_detect_debug

namespace fkp {
namespace {

std::unique_ptr<Detector> make_detector(const DetectSettings& settings, UpstreamRegions** regions) {
  switch (settings.detector) {
    case DetectorKind::roi: {
      auto upstream = std::make_unique<UpstreamRegions>(settings.roi_type);
      *regions = upstream.get();
      return upstream;
    }
    case DetectorKind::none:
      return make_whole_picture_detector();
    case DetectorKind::haar:
      return make_haar_detector();
    case DetectorKind::net:
      break;
  }
  const KeypointNetOptions& net = settings.net;
  return std::make_unique<NetDetector>(
      NetDetectorOptions{settings.detector_model, net.device, net.threads, settings.detect_size, net.precision});
}

std::shared_ptr<KeypointNet> net_of(GstElement* element, const DetectSettings& settings) {
  g_autofree char* path = gst_object_get_path_string(GST_OBJECT(element));
  return shared_net(settings.model_instance_id, settings.net, path);
}

bool same_picture(const GstVideoInfo& a, const GstVideoInfo& b) {
  return GST_VIDEO_INFO_WIDTH(&a) == GST_VIDEO_INFO_WIDTH(&b) && GST_VIDEO_INFO_HEIGHT(&a) == GST_VIDEO_INFO_HEIGHT(&b) &&
         GST_VIDEO_INFO_PAR_N(&a) == GST_VIDEO_INFO_PAR_N(&b) && GST_VIDEO_INFO_PAR_D(&a) == GST_VIDEO_INFO_PAR_D(&b);
}

}  // namespace

Session::Session(GstElement* element, const DetectSettings& settings)
    : element_(element),
      net_(net_of(element, settings)),
      analyser_(std::make_unique<Analyser>(net_, make_detector(settings, &regions_))),
      scheme_(gst_fkp_scheme_new_from_json(to_json(net_->description().scheme).c_str(), nullptr), gst_fkp_scheme_unref) {}

void Session::set_format(const GstVideoInfo& info) {
  if (!same_picture(info_, info)) analyser_->reset();
  info_ = info;
}

void Session::restart() {
  analyser_->reset();
  pace_.restart();
}

void Session::restart_time() {
  analyser_->restart_time();
  pace_.restart();
}

void Session::end(const DetectSettings& settings) {
  messages_.update(element_, {}, GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE, settings.post_messages);
}

bool Session::process(GstBuffer* buffer, GstClockTime running_time, bool live, const DetectSettings& settings) {
  Statistics& statistics = *analyser_->statistics();
  const Timer whole(statistics, Stage::frame);
  const std::uint64_t inferences = statistics[Count::inferences], searches = statistics[Count::detections];  // for the log
  const gint64 start = g_get_monotonic_time();
  latency_changed_ = false;
  const std::vector<Face> faces = faces_of(buffer, running_time, live, settings);
  {
    const Timer attaching(statistics, Stage::attach);
    attach(buffer, scheme_.get(), GST_VIDEO_INFO_WIDTH(&info_), GST_VIDEO_INFO_HEIGHT(&info_), faces);
  }
  messages_.update(element_, faces, GST_BUFFER_PTS(buffer), running_time, settings.post_messages);
  statistics.count(Count::frames);
  const auto held = std::count_if(faces.begin(), faces.end(), [](const Face& f) { return f.held; });
  GST_LOG_OBJECT(element_,
                 "frame %" G_GUINT64_FORMAT " at %" GST_TIME_FORMAT ": %zu faces, %d held; %" G_GUINT64_FORMAT
                 " inferences, %" G_GUINT64_FORMAT " searches, %.2f ms",
                 frame_, GST_TIME_ARGS(GST_BUFFER_PTS(buffer)), faces.size(), static_cast<int>(held),
                 statistics[Count::inferences] - inferences, statistics[Count::detections] - searches,
                 static_cast<double>(g_get_monotonic_time() - start) / 1000);
  frame_++;
  return latency_changed_;
}

std::vector<Face> Session::faces_of(GstBuffer* buffer, GstClockTime running_time, bool live, const DetectSettings& settings) {
  const GstClockTime now = live ? running_time_now(element_) : GST_CLOCK_TIME_NONE;
  const bool paced = GST_CLOCK_TIME_IS_VALID(now) && GST_CLOCK_TIME_IS_VALID(running_time);
  if (GST_CLOCK_TIME_IS_VALID(now) && !GST_BUFFER_PTS_IS_VALID(buffer) && !told_untimed_ && settings.mode != Mode::offline) {
    told_untimed_ = true;
    post(element_, GST_MESSAGE_WARNING, ErrorKind::mismatch,
         "The live stream's frames have no time: all are analysed, however late. Set do-timestamp=true on the source, with a queue behind "
         "it.");
  }
  try {
    auto faces = paced ? paced_faces(buffer, running_time, now, settings) : analyse(buffer, running_time, settings);
    unmapped_.ended();
    return faces;
  } catch (const UnmappedFrame& frame) {
    unmapped_.came(element_, frame);
    return carry(settings);
  }
}

std::vector<Face> Session::paced_faces(GstBuffer* buffer, GstClockTime running_time, GstClockTime now, const DetectSettings& settings) {
  const auto time = static_cast<gint64>(running_time), age = static_cast<gint64>(now) - time;
  if (!pace_.due(time, age) && settings.mode != Mode::offline) {
    GST_DEBUG_OBJECT(element_, "frame %" G_GUINT64_FORMAT " came %" G_GINT64_FORMAT " ms old: passed on", frame_, age / GST_MSECOND);
    return carry(settings);
  }
  auto faces = analyse(buffer, running_time, settings);
  latency_changed_ = pace_.took(time, static_cast<gint64>(running_time_now(element_) - now));
  if (latency_changed_) GST_INFO_OBJECT(element_, "latency is %" G_GINT64_FORMAT " ms now", latency() / GST_MSECOND);
  return faces;
}

std::vector<Face> Session::analyse(GstBuffer* buffer, GstClockTime running_time, const DetectSettings& settings) {
  std::optional<double> time;
  if (GST_CLOCK_TIME_IS_VALID(running_time)) time = static_cast<double>(running_time) / GST_SECOND;
  std::optional<Timer> mapping(std::in_place, *analyser_->statistics(), Stage::map);
  const MappedLuma mapped(buffer, info_, scratch_);
  mapping.reset();
  AnalyserOptions options = settings.analysis;
  if (settings.detector == DetectorKind::none) options.max_faces = 1;
  if (regions_) {
    regions_->read(buffer);
    options.detect_interval = options.empty_interval = 1;  // reading them costs nothing
  }
  return analyser_->analyse(mapped.luma(), time, options);
}

/// The last faces, for a frame that is not analysed.
std::vector<Face> Session::carry(const DetectSettings& settings) {
  analyser_->statistics()->count(Count::skipped);
  return analyser_->carry(settings.analysis.track);
}

}  // namespace fkp
