// SPDX-License-Identifier: LGPL-2.1-or-later
#include "still.h"

#include <gst/fkp/gstfkpmeta.h>
#include <gst/video/video.h>

#include <fstream>
#include <stdexcept>

#include "tally.h"

namespace fkp {

void Still::watch(GstPad* pad) { gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, passes, this, nullptr); }

GstPadProbeReturn Still::passes(GstPad* pad, GstPadProbeInfo* info, gpointer user_data) {
  static_cast<Still*>(user_data)->look(pad, GST_PAD_PROBE_INFO_BUFFER(info));
  return GST_PAD_PROBE_OK;
}

void Still::look(GstPad* pad, GstBuffer* buffer) {
  const GstFkpMeta* meta = gst_fkp_buffer_get_meta(buffer);
  const std::uint64_t time = stream_time(pad, buffer);
  if (!GST_CLOCK_TIME_IS_VALID(time)) return;
  if (!middle_) middle_ = end_ > time ? time + (end_ - time) / 2 : time;
  if (!meta || gst_fkp_meta_get_n_faces(meta) == 0) return;
  const std::uint64_t distance = time > *middle_ ? time - *middle_ : *middle_ - time;
  if (sample_ && distance >= distance_) return;
  const GstPtr<GstCaps> caps(gst_pad_get_current_caps(pad));
  sample_.reset(gst_sample_new(buffer, caps.get(), nullptr, nullptr));
  distance_ = distance;
}

void save_png(GstSample* frame, const std::string& file) {
  GError* failure = nullptr;
  const GstPtr<GstCaps> png(gst_caps_new_empty_simple("image/png"));
  const GstPtr<GstSample> converted(gst_video_convert_sample(frame, png.get(), 30 * GST_SECOND, &failure));
  const GstPtr<GError> error(failure);
  if (!converted) throw std::runtime_error("cannot make a PNG: " + std::string(error ? error->message : "no frame came out"));
  GstMapInfo map;
  GstBuffer* buffer = gst_sample_get_buffer(converted.get());
  if (!gst_buffer_map(buffer, &map, GST_MAP_READ)) throw std::runtime_error("cannot make a PNG");
  std::ofstream out(file, std::ios::binary);
  out.write(reinterpret_cast<const char*>(map.data), static_cast<std::streamsize>(map.size));
  gst_buffer_unmap(buffer, &map);
  out.close();
  if (!out) throw std::runtime_error("cannot write '" + file + "'");
}

}  // namespace fkp
