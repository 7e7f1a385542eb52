// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <string>

namespace fkp {

/// How the sound gets into an mp4 file.
enum class Sound {
  none,    ///< there is none
  copy,    ///< as it is
  encode,  ///< decoded, and encoded as AAC: mp4 does not carry its format
};

/// What a pipeline has to know of a film.
struct MediaInfo {
  std::string uri;
  int width = 0, height = 0;  ///< of the video as it is shown, upright
  Sound sound = Sound::none;
  std::string sound_caps;       ///< of what is copied
  std::string sound_parser;     ///< the element that frames it; may be empty
  std::string missing_decoder;  ///< where there is sound, but nothing here can decode it: what is missing
  std::uint64_t duration = 0;   ///< nanoseconds; 0 where it is not known
};

/// The file that a file's name or a URI means; empty where it is none of this machine.
std::string file_of(const std::string& file_or_uri);

/// The URI of a file's name; a URI stays as it is. Throws std::runtime_error for a file that is not there.
std::string uri_of(const std::string& file_or_uri);

/// Looks into the film. Throws std::runtime_error that says why it cannot be read; `file_or_uri` is not in the text.
MediaInfo media_info(const std::string& file_or_uri);

}  // namespace fkp
