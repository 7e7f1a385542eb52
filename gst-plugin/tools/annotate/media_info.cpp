// SPDX-License-Identifier: LGPL-2.1-or-later
#include "media_info.h"

#include <gst/pbutils/pbutils.h>

#include <filesystem>
#include <stdexcept>
#include <utility>

#include "demuxer_error.h"
#include "gst_ptr.h"
#include "orientation.h"

namespace fkp {
namespace {

struct StreamsDeleter {
  void operator()(GList* list) const { gst_discoverer_stream_info_list_free(list); }
};
using Streams = std::unique_ptr<GList, StreamsDeleter>;

/// Whether the video is rotated by 90 or 270 degrees.
bool lies_on_its_side(GstDiscovererStreamInfo* stream) {
  const GstTagList* tags = gst_discoverer_stream_info_get_tags(stream);
  gchar* value = nullptr;
  if (!tags || !gst_tag_list_get_string(tags, GST_TAG_IMAGE_ORIENTATION, &value)) return false;
  const GstPtr<gchar> owned(value);
  const std::string orientation = value;
  return orientation.find("rotate-90") != std::string::npos || orientation.find("rotate-270") != std::string::npos;
}

bool is_jpeg(GstDiscovererStreamInfo* stream) {
  const GstPtr<GstCaps> caps(gst_discoverer_stream_info_get_caps(stream));
  return caps && gst_structure_has_name(gst_caps_get_structure(caps.get(), 0), "image/jpeg");
}

void set_size(MediaInfo& media, GstDiscovererStreamInfo* stream) {
  auto* video = GST_DISCOVERER_VIDEO_INFO(stream);
  media.width = static_cast<int>(gst_discoverer_video_info_get_width(video));
  media.height = static_cast<int>(gst_discoverer_video_info_get_height(video));
  if (lies_on_its_side(stream)) std::swap(media.width, media.height);
}

/// An elementary stream appears a second time, without a size, as it was before it was parsed.
int tracks_in(GList* video) {
  int n = 0;
  for (; video; video = video->next) n += gst_discoverer_video_info_get_width(GST_DISCOVERER_VIDEO_INFO(video->data)) > 0 ? 1 : 0;
  return n;
}

/// Whether GStreamer has no decoder for these caps.
bool cannot_decode(GstDiscovererInfo* info, GstCaps* caps) {
  if (!caps || !gst_caps_is_fixed(caps)) return false;
  const GstPtr<gchar> decoder(gst_missing_decoder_installer_detail_new(caps));
  const gchar** missing = gst_discoverer_info_get_missing_elements_installer_details(info);
  return missing && g_strv_contains(missing, decoder.get());
}

/// Describes the streams in the list, which it takes ownership of.
std::vector<Stream> described(GstDiscovererInfo* info, GList* list) {
  const Streams streams(list);
  std::vector<Stream> found;
  for (GList* item = list; item; item = item->next) {
    Stream stream{GstPtr<GstCaps>(gst_discoverer_stream_info_get_caps(GST_DISCOVERER_STREAM_INFO(item->data))), ""};
    if (!stream.caps) continue;
    if (cannot_decode(info, stream.caps.get()))
      stream.missing_decoder = GstPtr<gchar>(gst_pb_utils_get_decoder_description(stream.caps.get())).get();
    found.push_back(std::move(stream));
  }
  return found;
}

/// If its host is unknown or does not answer, souphttpsrc posts no error of its own: all that comes is that of its base class.
std::string reason_of(const GError* error, const std::string& uri) {
  if (!error) return "it cannot be read";
  const bool vague = g_error_matches(error, GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED);
  if (!vague || gst_uri_has_protocol(uri.c_str(), "file")) return error->message;
  return std::string("it could not be read; does the host exist, and answer? (") + error->message + ")";
}

/// Null if there was no answer in time; throws std::runtime_error if the URI cannot be read at all.
GObjectPtr<GstDiscovererInfo> discover(const std::string& uri, GstClockTime patience) {
  GError* failure = nullptr;
  const GObjectPtr<GstDiscoverer> discoverer(gst_discoverer_new(patience, &failure));
  GObjectPtr<GstDiscovererInfo> info(discoverer ? gst_discoverer_discover_uri(discoverer.get(), uri.c_str(), &failure) : nullptr);
  const GstPtr<GError> error(failure);
  const GstDiscovererResult result = info ? gst_discoverer_info_get_result(info.get()) : GST_DISCOVERER_ERROR;
  if (result == GST_DISCOVERER_OK || result == GST_DISCOVERER_MISSING_PLUGINS) return info;
  if (result == GST_DISCOVERER_TIMEOUT) return nullptr;
  throw std::runtime_error(reason_of(error.get(), uri));
}

/// If a file takes unusually long, decodebin may have swallowed the error of its demuxer.
GObjectPtr<GstDiscovererInfo> discover_patiently(const std::string& uri, const std::string& file) {
  if (!file.empty()) {
    if (auto info = discover(uri, 3 * GST_SECOND)) return info;
    if (const std::string error = demuxer_error(file); !error.empty()) throw std::runtime_error(error);
  }
  if (auto info = discover(uri, 30 * GST_SECOND)) return info;
  throw std::runtime_error("no answer for 30 seconds");
}

std::string missing_plugins(GstDiscovererInfo* info) {
  std::string text;
  // A detail has the form "gstreamer|1.0|program|description|technical".
  for (const gchar** detail = gst_discoverer_info_get_missing_elements_installer_details(info); detail && *detail; detail++) {
    g_auto(GStrv) parts = g_strsplit(*detail, "|", 5);
    if (g_strv_length(parts) >= 4) text += (text.empty() ? "" : ", ") + std::string(parts[3]);
  }
  return text;
}

/// Returns a URI unchanged.
std::string uri_of(const std::string& file_or_uri) {
  if (gst_uri_is_valid(file_or_uri.c_str()) && !std::filesystem::exists(file_or_uri)) return file_or_uri;
  if (!std::filesystem::exists(file_or_uri)) throw std::runtime_error("there is no such file");
  if (!std::filesystem::is_regular_file(file_or_uri)) throw std::runtime_error("this is not a file");
  const GstPtr<gchar> uri(gst_filename_to_uri(file_or_uri.c_str(), nullptr));
  if (!uri) throw std::runtime_error("this file's name cannot be a URI");
  return uri.get();
}

}  // namespace

std::string file_of(const std::string& file_or_uri) {
  if (std::filesystem::exists(file_or_uri)) return file_or_uri;
  const GstPtr<gchar> file(g_filename_from_uri(file_or_uri.c_str(), nullptr, nullptr));
  return file ? file.get() : "";
}

MediaInfo media_info(const std::string& file_or_uri) {
  MediaInfo media;
  media.uri = uri_of(file_or_uri);
  const auto info = discover_patiently(media.uri, file_of(file_or_uri));
  const std::string missing =
      gst_discoverer_info_get_result(info.get()) == GST_DISCOVERER_MISSING_PLUGINS ? missing_plugins(info.get()) : "";

  const Streams video(gst_discoverer_info_get_video_streams(info.get()));
  if (!video && !missing.empty()) throw std::runtime_error("GStreamer has no " + missing + " on this machine");
  if (!video) throw std::runtime_error("it contains no video");
  const GstPtr<GstCaps> coded(gst_discoverer_stream_info_get_caps(GST_DISCOVERER_STREAM_INFO(video->data)));
  if (cannot_decode(info.get(), coded.get())) throw std::runtime_error("GStreamer has no " + missing + " on this machine");
  media.video_tracks = tracks_in(video.get());
  set_size(media, GST_DISCOVERER_STREAM_INFO(video->data));
  media.picture = gst_discoverer_video_info_is_image(GST_DISCOVERER_VIDEO_INFO(video->data));
  if (media.picture && is_jpeg(GST_DISCOVERER_STREAM_INFO(video->data))) media.direction = jpeg_direction(media.uri);
  const GstClockTime duration = gst_discoverer_info_get_duration(info.get());
  if (GST_CLOCK_TIME_IS_VALID(duration)) media.duration = duration;
  media.live = gst_discoverer_info_get_live(info.get());
  media.sound = described(info.get(), gst_discoverer_info_get_audio_streams(info.get()));
  media.captions = described(info.get(), gst_discoverer_info_get_subtitle_streams(info.get()));
  return media;
}

}  // namespace fkp
