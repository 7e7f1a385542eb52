// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format.h"

#include <glib.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

namespace fkp {
namespace {

// Constant quality; a buffer of 0 removes the limit on the bit rate. B-frames would save an eighth of the bytes, but the decoding times
// that they need make an mp4 file's duration too short for the last frames of a video with uneven frame times.
constexpr char kH264[] =
    "x264enc pass=qual quantizer=20 vbv-buf-capacity=0 speed-preset=veryfast bframes=0 b-adapt=false ! h264parse name=coded";
// Constant quality, too: on a clip of a face, 47.6 dB against H.264's 48.1, with two thirds of its bytes. If it may look ahead, vp9enc of
// GStreamer 1.22 keeps the last frames of a noisy video for itself.
constexpr char kVp9[] =
    "vp9enc name=coded deadline=1 cpu-used=5 min-quantizer=16 max-quantizer=16 target-bitrate=100000000 keyframe-max-dist=250 row-mt=true "
    "lag-in-frames=0";

constexpr Copied kAac = {"audio/mpeg,mpegversion=4", "aacparse"};
constexpr Copied kMp3 = {"audio/mpeg,mpegversion=1,layer=3", "mpegaudioparse"};
constexpr Copied kAc3 = {"audio/x-ac3", "ac3parse"};
constexpr Copied kOpus = {"audio/x-opus,channel-mapping-family=0", "opusparse"};
constexpr Copied kSurroundOpus = {"audio/x-opus,channel-mapping-family=1", "opusparse"};
constexpr Copied kAlac = {"audio/x-alac", ""};
constexpr Copied kVorbis = {"audio/x-vorbis", ""};
constexpr Copied kFlac = {"audio/x-flac", "flacparse"};
constexpr Copied kDts = {"audio/x-dts", "dcaparse"};
constexpr Copied kEac3 = {"audio/x-eac3", "ac3parse"};
constexpr Copied kPcm = {"audio/x-raw", "audioconvert"};  // to a sample format that the container knows; usually it is one already

// This time scale applies to edit lists, which make a track begin later than others.
constexpr char kMp4Mux[] = "mp4mux name=out movie-timescale=90000";
constexpr char kMovMux[] = "qtmux name=out movie-timescale=90000";
// avenc_aac's first 1024 samples are not the sound's, which comes that much late: at a phone's 8 kHz, an eighth of a second.
constexpr char kAacEncoder[] = "audioconvert ! audioresample ! audio/x-raw,rate=[32000,96000] ! avenc_aac ! aacparse";
constexpr char kOpusEncoder[] = "audioconvert ! audioresample ! opusenc ! opusparse";
constexpr char kFlacEncoder[] = "audioconvert ! flacenc ! flacparse";

const Format kMp4 = {kH264, kMp4Mux, true, {kAac, kMp3, kAc3, kOpus, kSurroundOpus, kAlac}, kAacEncoder, {}, false, true};
const Format kMov = {kH264, kMovMux, true, {kAac, kMp3, kAc3, kAlac, kPcm}, kAacEncoder, {}, false, true};
const Format kMkv = {kH264,        "matroskamux name=out",
                     true,         {kAac, kMp3, kAc3, kEac3, kDts, kOpus, kSurroundOpus, kVorbis, kFlac, kPcm},
                     kFlacEncoder, {{"application/x-ass", ""}, {"application/x-ssa", ""}, {"subpicture/x-dvd", ""}},
                     true,         false};
const Format kWebm = {kVp9, "webmmux name=out", false, {kOpus, kSurroundOpus, kVorbis}, kOpusEncoder, {}, true, false};
const Format kJpeg = {"jpegenc name=coded quality=95", "", false, {}, "", {}, false, false};
const Format kPng = {"pngenc name=coded", "", false, {}, "", {}, false, false};

constexpr const char* kFilms[] = {".mp4", ".m4v",  ".mov", ".qt",  ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".vob", ".ts",
                                  ".mts", ".m2ts", ".wmv", ".asf", ".flv", ".ogv",  ".3gp", ".3g2", ".mxf",  ".dv"};
constexpr const char* kPictures[] = {".jpg", ".jpeg", ".png", ".webp"};

}  // namespace

std::string extension_of(const std::string& file) {
  std::string extension = std::filesystem::path(file).extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(), g_ascii_tolower);
  return extension;
}

const Format* format_of(const std::string& file) {
  static const std::pair<const char*, const Format&> known[] = {{".mp4", kMp4},  {".mov", kMov},   {".mkv", kMkv}, {".webm", kWebm},
                                                                {".jpg", kJpeg}, {".jpeg", kJpeg}, {".png", kPng}};
  const std::string extension = extension_of(file);
  for (const auto& [name, format] : known)
    if (extension == name) return &format;
  return nullptr;
}

const char* format_names() { return "mp4, mov, mkv, webm; jpg, png"; }

Kind kind_of(const std::string& file) {
  const std::string extension = extension_of(file);
  const auto has = [&](const auto& names) { return std::find(std::begin(names), std::end(names), extension) != std::end(names); };
  return has(kFilms) ? Kind::film : has(kPictures) ? Kind::picture : Kind::other;
}

}  // namespace fkp
