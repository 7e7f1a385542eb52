// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <vector>

namespace fkp {

/// Sound or captions that a container takes as they are.
struct Copied {
  const char* caps;
  const char* parser;  ///< the element that frames it; may be empty
};

/// What an annotated copy is written as. Elements are in gst-launch-1.0's syntax.
struct Format {
  const char* encoder;           ///< of the picture; its last element's name is "coded"
  const char* muxer;             ///< empty: the encoder's output is the file
  bool even_sides;               ///< the encoder takes no odd ones
  std::vector<Copied> sound;     ///< copied
  const char* sound_encoder;     ///< for all other sound
  std::vector<Copied> captions;  ///< copied; all others that are text go in as plain text
  bool caption_tags;             ///< text may have tags such as <i>
  bool captions_from_start;      ///< captions have to begin with the film, if only with an empty one

  bool picture() const { return *muxer == '\0'; }
};

/// By the file name's extension; null where nothing is written under it.
const Format* format_of(const std::string& file);

/// The extensions that format_of() knows, for messages.
const char* format_names();

/// What a file seems to hold, by its name's extension.
enum class Kind { film, picture, other };
Kind kind_of(const std::string& file);

/// The last part of the name from its dot on, in lower case.
std::string extension_of(const std::string& file);

}  // namespace fkp
