// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipeline_text.h"

#include <sstream>

namespace fkp {
namespace {

/// A value as gst-launch-1.0's own syntax wants it.
std::string quoted(const std::string& value) {
  if (value.find_first_of(" \t\n\"'\\") == std::string::npos) return value;
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

/// A pipeline's arguments, added piece by piece.
class Arguments {
 public:
  /// Words without blanks in them.
  Arguments& words(const std::string& text) {
    std::istringstream stream(text);
    for (std::string word; stream >> word;) all_.push_back(word);
    return *this;
  }
  Arguments& property(const std::string& name, const std::string& value) {
    all_.push_back(name + "=" + quoted(value));
    return *this;
  }
  const std::vector<std::string>& all() const { return all_; }

 private:
  std::vector<std::string> all_;
};

}  // namespace

std::vector<std::string> pipeline_arguments(const MediaInfo& media, const Job& job) {
  Arguments arguments;
  std::string decoded = "video/x-raw";
  if (media.sound == Sound::copy) decoded += ";" + media.sound_caps;
  if (media.sound == Sound::encode) decoded += ";audio/x-raw";
  arguments.words("uridecodebin name=in").property("uri", media.uri).property("caps", decoded);
  arguments.words("force-sw-decoders=true");

  arguments.words("in. ! queue ! videoconvert ! videoflip video-direction=auto ! video/x-raw,format={I420,NV12}");
  arguments.words("! fkpdetect name=detect");
  if (!job.model.empty()) arguments.property("model", job.model);
  if (!job.json.empty()) arguments.words("! fkppublish method=file").property("location", job.json);
  arguments.words("! fkpoverlay name=overlay ! queue");
  // H.264 as everything plays it has even sides; a thin black edge loses nothing.
  if (media.width % 2 != 0 || media.height % 2 != 0)
    arguments.words("! videobox right=" + std::to_string(-(media.width % 2)) + " bottom=" + std::to_string(-(media.height % 2)));
  // Constant quality; a buffer of 0 lifts the bit rate's limit.
  arguments.words("! x264enc pass=qual quantizer=20 vbv-buf-capacity=0 speed-preset=veryfast");
  arguments.words("! h264parse ! mp4mux name=out ! filesink").property("location", job.video);

  if (media.sound == Sound::none) return arguments.all();
  // The encoder looks frames ahead, and files store sound in lumps: this side must never block.
  arguments.words("in. ! queue max-size-buffers=0 max-size-bytes=0 max-size-time=0");
  if (media.sound == Sound::encode) arguments.words("! audioconvert ! audioresample ! avenc_aac ! aacparse");
  if (!media.sound_parser.empty()) arguments.words("! " + media.sound_parser);
  return arguments.words("! out.").all();
}

std::string shell_text(const std::vector<std::string>& arguments) {
  const std::string plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:=,@%+-";
  std::string text;
  for (const std::string& argument : arguments) {
    if (!text.empty()) text += ' ';
    if (argument == "!" || argument.find_first_not_of(plain) == std::string::npos) {
      text += argument;
      continue;
    }
    text += '\'';
    for (const char c : argument) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    text += '\'';
  }
  return text;
}

}  // namespace fkp
