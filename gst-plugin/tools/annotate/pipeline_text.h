// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <vector>

#include "media_info.h"

namespace fkp {

/// What fkp-annotate is asked to do with a film.
struct Job {
  std::string video;  ///< the mp4 file to write
  std::string json;   ///< the JSON lines to write; empty: none
  std::string model;  ///< empty: fkpdetect's own default
};

/// The pipeline as the arguments of gst-launch-1.0. The elements "detect" and "overlay" are named so.
std::vector<std::string> pipeline_arguments(const MediaInfo& media, const Job& job);

/// The arguments as a shell wants them.
std::string shell_text(const std::vector<std::string>& arguments);

}  // namespace fkp
