// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <vector>

#include "format.h"
#include "media_info.h"
#include "property_values.h"

namespace fkp {

/// What a pipeline does with a film or a picture.
struct Route {
  const Format* format = nullptr;  ///< of the copy; null: there is none
  std::string copy;                ///< the file to write
  std::string json;                ///< the JSON lines to write; empty: none
  std::string model_instance;      ///< of fkpdetect; empty: a network of its own
  PropertyValues detect, overlay;  ///< properties of fkpdetect and fkpoverlay
  bool draw = true;                ///< where there is no copy: draw all the same
};

/// A pipeline as the arguments of gst-launch-1.0. Its elements "detect", "overlay" (where it draws), "coded" "out" (the
/// muxer, with the pad video_0), "sound_N" (where sound is copied) and "captions_N" are named so.
struct PipelineText {
  std::vector<std::string> arguments;
  std::vector<std::string> left_out;  ///< streams that the copy goes without, and why
};

PipelineText pipeline_text(const MediaInfo& media, const Route& route);

/// The arguments as a shell wants them.
std::string shell_text(const std::vector<std::string>& arguments);

}  // namespace fkp
