// SPDX-License-Identifier: LGPL-2.1-or-later
#include "annotate.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "format.h"
#include "media_info.h"
#include "part_file.h"
#include "pipeline_text.h"
#include "programs/counted.h"
#include "still.h"

namespace fkp {
namespace {

namespace fs = std::filesystem;

bool exists(const std::string& name) {
  std::error_code impossible;  // a name that is too long: PartFile says so
  return fs::exists(name, impossible);
}

void forget_existing(Outputs& outputs) {
  for (std::string* name : {&outputs.copy, &outputs.json, &outputs.csv, &outputs.still})
    if (!name->empty() && exists(*name)) name->clear();
}

/// GStreamer's properties hold text in UTF-8 only.
void require_utf8(const Outputs& outputs) {
  for (const std::string& name : outputs.all())
    if (!g_utf8_validate(name.data(), static_cast<gssize>(name.size()), nullptr))
      throw std::runtime_error("the name of its output would not be UTF-8; name one with -o, --json=FILE, --csv=FILE");
}

const Format* format_for(const MediaInfo& media, const std::string& copy) {
  if (copy.empty()) return nullptr;
  const Format* format = format_of(copy);
  if (media.picture != format->picture())
    throw std::runtime_error(fmt::format("this is a {}, but '{}' would be a {}; name the copy with -o", media.picture ? "picture" : "video",
                                         copy, format->picture() ? "picture" : "video"));
  return format;
}

std::string summary_of(const Live& live, double seconds) {
  const std::uint64_t frames = live.tally.frames, faces = live.faces, with_face = live.frames_with_face;
  return fmt::format("{}, {}, with a face in {}, {:.1f} frames/s", counted(frames, "frame"), counted(faces, "face"),
                     counted(with_face, "frame"), seconds > 0 ? static_cast<double>(frames) / seconds : 0.0);
}

/// How much of a video was read, in seconds from its first frame on, which in a piece of a longer recording may come late.
struct Extent {
  double read, whole;

  Extent(const RunResult& run, std::uint64_t duration)
      : read(static_cast<double>(run.end - std::min(run.end, run.begin)) / GST_SECOND),
        whole(static_cast<double>(duration - std::min(duration, run.begin)) / GST_SECOND) {}
  /// As far as can be known: streams may end a little before the video does.
  bool complete() const { return read + 1 > 0.98 * whole; }
};

/// Reports a truncated video; demuxers take the end of its file for the end of the stream.
std::string breaks_off(const Extent& extent) {
  return extent.complete() ? "" : fmt::format("it ends after {:.1f} of {:.1f} seconds; that part was written", extent.read, extent.whole);
}

}  // namespace

bool is_done(const Job& job) {
  const auto outputs = job.outputs.all();
  return !outputs.empty() && std::all_of(outputs.begin(), outputs.end(), exists);
}

Done annotate(const Job& job, const Manner& manner, Live& live, const std::atomic<Stop>& stop,
              const std::function<void(const std::string&)>& warn) {
  if (!job.fault.empty()) throw std::runtime_error(job.fault);
  const MediaInfo media = media_info(job.input);
  Outputs outputs = job.outputs;
  require_utf8(outputs);
  if (manner.batch) {
    for (const std::string& name : outputs.all())
      if (const fs::path folder = fs::path(name).parent_path(); !folder.empty()) fs::create_directories(folder);
    if (!manner.force) forget_existing(outputs);
  }
  const std::string input = file_of(job.input);
  PartFile copy(outputs.copy, input, manner.force);
  PartFile json(outputs.json, input, manner.force);
  PartFile csv(outputs.csv, input, manner.force);
  PartFile still(outputs.still, input, manner.force);

  Route route{format_for(media, outputs.copy), copy.part(), json.part(), manner.model_instance, manner.detect, manner.overlay};
  route.draw = route.format || !outputs.still.empty();
  const PipelineText text = pipeline_text(media, route);
  for (const std::string& reason : text.left_out) warn(reason);

  RunOptions options;
  options.duration = media.duration;
  options.format = route.format;
  options.csv = csv.part();
  options.still = !outputs.still.empty();
  options.verbose = manner.verbose;
  options.ends_early = !manner.batch || (media.duration == 0 && !media.picture);  // a live stream has no end to wait for
  options.live = media.live;
  options.warn = warn;
  if (stop != Stop::no && options.ends_early) throw Dropped();  // nothing has been started yet
  json.lend();
  const RunResult result = run_pipeline(text.arguments, options, live, stop);
  for (PartFile* file : {&json, &csv, &copy}) file->keep();

  Done done;
  done.summary = summary_of(live, result.seconds);
  // What was read before the stop is written completely: for a short video that may be all of it.
  const Extent extent(result, media.duration);
  done.ended_early = result.ended_early && (media.duration == 0 || !extent.complete());
  if (!result.ended_early) done.fault = breaks_off(extent);
  route.copy = outputs.copy;
  route.json = outputs.json;
  route.model_instance.clear();
  done.pipeline = "gst-launch-1.0 -e " + shell_text(pipeline_text(media, route).arguments);
  if (result.still) {
    save_png(result.still.get(), still.part());
    still.keep();
  } else if (!outputs.still.empty()) {
    still.keep_none();
    done.remark = fmt::format("no frame shows a face: '{}' was not written", outputs.still);
  }
  return done;
}

}  // namespace fkp
