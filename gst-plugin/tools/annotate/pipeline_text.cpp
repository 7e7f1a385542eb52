// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipeline_text.h"

#include <sstream>

namespace fkp {
namespace {

// A picture may show a group, and no next frame is waiting.
constexpr char kOfAPicture[] = "max-faces=100 detect-size=1280";

const std::string kUnlimitedQueue = "! queue max-size-buffers=0 max-size-bytes=0 max-size-time=0";

/// A value quoted for gst-launch-1.0's own syntax.
std::string quoted(const std::string& value) {
  if (!value.empty() && value.find_first_of(" \t\n\"'\\") == std::string::npos) return value;
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
  /// Adds words that are separated by blanks.
  Arguments& words(const std::string& text) {
    std::istringstream stream(text);
    for (std::string word; stream >> word;) all_.push_back(word);
    return *this;
  }
  Arguments& properties(const PropertyValues& values) {
    for (const PropertyValue& given : values) property(given.name, given.value);
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

/// Collects the caps at which uridecodebin has to stop decoding, and the branches from there to the muxer.
class Branches {
 public:
  explicit Branches(const Format& format) : format_(format) {}

  void add_sound(const Stream& stream) {
    if (const Copied* copied = copied_as(stream, format_.sound))
      add(copied->caps, "name=sound_" + std::to_string(n_copied_++), *copied->parser ? std::string("! ") + copied->parser : "", "audio");
    else if (stream.missing_decoder.empty())
      add("audio/x-raw", "name=raw_sound_" + std::to_string(n_encoded_++), std::string("! ") + format_.sound_encoder, "audio");
    else
      left_out_.push_back("a sound track is left out: GStreamer has no " + stream.missing_decoder + " on this machine");
  }

  void add_captions(const Stream& stream) {
    const std::string kind = gst_structure_get_name(gst_caps_get_structure(stream.caps.get(), 0));
    const bool is_text = kind == "text/x-raw" || kind == "application/x-ass" || kind == "application/x-ssa";
    if (const Copied* copied = copied_as(stream, format_.captions))
      add(copied->caps, "", "", "subtitle");
    else if (is_text && stream.missing_decoder.empty())
      // Muxers accept text without markup only; it is removed from what passes here (captions.h).
      add("text/x-raw", "",
          "! capssetter name=captions_" + std::to_string(n_text_++) + " replace=true caps=text/x-raw,format=utf8 ! text/x-raw,format=utf8",
          "subtitle");
    else
      left_out_.push_back("a track of subtitles (" + kind + ") is left out: the copy's format cannot hold it");
  }

  const std::string& decoded() const { return decoded_; }
  const std::string& words() const { return words_; }
  const std::vector<std::string>& left_out() const { return left_out_; }

 private:
  static const Copied* copied_as(const Stream& stream, const std::vector<Copied>& known) {
    for (const Copied& copied : known) {
      const GstPtr<GstCaps> caps(gst_caps_from_string(copied.caps));
      if (gst_caps_is_subset(stream.caps.get(), caps.get())) return &copied;
    }
    return nullptr;
  }

  void add(const std::string& caps, const std::string& queue_name, const std::string& elements, const std::string& kind) {
    if ((";" + decoded_ + ";").find(";" + caps + ";") == std::string::npos) decoded_ += (decoded_.empty() ? "" : ";") + caps;
    int& number = kind == "audio" ? n_sound_ : n_captions_;
    // The encoder looks ahead, and files store sound in large chunks: these branches must never block.
    words_ +=
        " in. ! " + caps + " " + kUnlimitedQueue + " " + queue_name + " " + elements + " ! out." + kind + "_" + std::to_string(number++);
  }

  const Format& format_;
  std::string decoded_, words_;
  std::vector<std::string> left_out_;
  int n_sound_ = 0, n_copied_ = 0, n_encoded_ = 0, n_captions_ = 0, n_text_ = 0;
};

}  // namespace

PipelineText pipeline_text(const MediaInfo& media, const Route& route) {
  static const Format kNone{"", "", false, {}, "", {}, false, false};
  const Format& format = route.format ? *route.format : kNone;
  Branches branches(format);
  if (!format.picture()) {
    for (const Stream& stream : media.sound) branches.add_sound(stream);
    for (const Stream& stream : media.captions) branches.add_captions(stream);
  }

  std::vector<std::string> left_out = branches.left_out();
  if (media.video_tracks > 1) left_out.push_back("only the first of " + std::to_string(media.video_tracks) + " video tracks is used");

  Arguments arguments;
  arguments.words("uridecodebin name=in").property("uri", media.uri);
  arguments.property("caps", "video/x-raw" + (branches.decoded().empty() ? "" : ";" + branches.decoded()));
  arguments.words("force-sw-decoders=true");

  arguments.words("in. ! queue name=decoded ! videoconvert ! videoflip name=upright video-direction=" + media.direction);
  // Of several pictures in one file, the first is the photo. Pictures keep their colour format; videos get one that every player supports,
  // and keep the size that they begin with.
  if (media.picture)
    arguments.words("! identity eos-after=2 ! video/x-raw,format={I420,NV12,Y42B,Y444,RGB,BGR,RGBx,BGRx,RGBA,BGRA}");
  else
    arguments.words("! videoscale ! capsfilter name=size caps=video/x-raw,format={I420,NV12}");
  arguments.words("! fkpdetect name=detect");
  if (media.picture) arguments.words(kOfAPicture);
  if (!route.model_instance.empty()) arguments.property("model-instance-id", route.model_instance);
  arguments.properties(route.detect);
  if (!route.json.empty()) arguments.words("! fkppublish method=file").property("location", route.json);
  if (route.draw) arguments.words("! fkpoverlay name=overlay").properties(route.overlay);
  if (!route.format) return {arguments.words("! fakesink").all(), left_out};

  arguments.words("! queue");
  // Adds a thin black edge rather than cutting something off.
  if (format.even_sides && (media.width % 2 != 0 || media.height % 2 != 0))
    arguments.words("! videobox right=" + std::to_string(-(media.width % 2)) + " bottom=" + std::to_string(-(media.height % 2)));
  arguments.words(std::string(media.picture ? "! videoconvert ! " : "! ") + format.encoder);
  if (!format.picture()) {
    // Holds what is coded while the muxer waits for sound that begins later.
    if (!media.sound.empty()) arguments.words(kUnlimitedQueue);
    arguments.words(std::string("! out.video_0 ") + format.muxer);
  }
  arguments.words("! filesink").property("location", route.copy);
  return {arguments.words(branches.words()).all(), left_out};
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
