// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <vector>

namespace fkp {

/// Sound or captions that can be copied into a container unchanged.
struct Copied {
  const char* caps;
  const char* parser;  ///< the element that parses it; may be empty
};

/// A file format for annotated copies. Elements are in gst-launch-1.0's syntax.
struct Format {
  const char* encoder;           ///< of the picture; its last element's name is "coded"
  const char* muxer;             ///< empty: the encoder's output is the file
  bool even_sides;               ///< the encoder needs even widths and heights
  std::vector<Copied> sound;     ///< copied
  const char* sound_encoder;     ///< for all other sound
  std::vector<Copied> captions;  ///< copied; all other text is written as plain text
  bool caption_tags;             ///< text may have tags such as <i>
  bool captions_from_start;      ///< captions have to begin with the video, if only with an empty one

  bool picture() const { return *muxer == '\0'; }
};

/// The format for a file name's extension; null if there is none.
const Format* format_of(const std::string& file);

/// The extensions that format_of() knows, for messages.
const char* format_names();

/// What a file seems to hold, by its name's extension.
enum class Kind { film, picture, other };
Kind kind_of(const std::string& file);

/// The file name's extension with its dot, in lower case.
std::string extension_of(const std::string& file);

}  // namespace fkp
