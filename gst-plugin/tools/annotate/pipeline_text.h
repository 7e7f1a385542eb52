// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <vector>

#include "format.h"
#include "media_info.h"
#include "property_values.h"

namespace fkp {

/// What a pipeline does with a video or a picture.
struct Route {
  const Format* format = nullptr;  ///< of the copy; null: no copy
  std::string copy;                ///< the file to write
  std::string json;                ///< the JSON lines to write; empty: none
  std::string model_instance;      ///< of fkpdetect; empty: the network is not shared
  PropertyValues detect, overlay;  ///< properties of fkpdetect and fkpoverlay
  bool draw = true;                ///< draw the faces, even if there is no copy
};

/// A pipeline as gst-launch-1.0 arguments. These names of elements are fixed: "decoded" (the queue that video enters by), "upright", "size"
/// (a capsfilter; of videos), "detect", "overlay" (if it draws), "coded", "out" (the muxer, with the pad video_0), "sound_N" (if sound is
/// copied), "raw_sound_N" (if it is encoded) and "captions_N".
struct PipelineText {
  std::vector<std::string> arguments;
  std::vector<std::string> left_out;  ///< streams that are not used or missing in the copy, and why
};

PipelineText pipeline_text(const MediaInfo& media, const Route& route);

/// The arguments, quoted for a shell.
std::string shell_text(const std::vector<std::string>& arguments);

}  // namespace fkp
