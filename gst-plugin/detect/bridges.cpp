// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bridges.h"

#include <algorithm>
#include <cmath>

#include "analytics.h"

namespace fkp {
namespace {

bool has_face(const GstFkpMeta* meta, guint id) {
  for (guint i = 0; i < gst_fkp_meta_get_n_faces(meta); i++)
    if (gst_fkp_meta_get_face(meta, i)->id == id) return true;
  return false;
}

gboolean remove_region(GstBuffer*, GstMeta** meta, gpointer of) {
  if ((*meta)->info->api != GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE) return TRUE;
  const auto* region = reinterpret_cast<const GstVideoRegionOfInterestMeta*>(*meta);
  if (region->roi_type == face_type() && has_face(static_cast<const GstFkpMeta*>(of), static_cast<guint>(region->id))) *meta = nullptr;
  return TRUE;
}

// The pixel boundary nearest to an edge at `v`, counted from the frame's first one at -0.5 and clipped to the frame.
int edge(double v, guint size) { return static_cast<int>(std::lround(std::clamp(v + 0.5, 0.0, static_cast<double>(size)))); }

}  // namespace

GQuark face_type() {
  static const GQuark type = g_quark_from_static_string("face");
  return type;
}

GstVideoRectangle visible_box(const GstFkpMeta* meta, const GstFkpFace* face) {
  const int left = edge(face->x, meta->width), top = edge(face->y, meta->height);
  const int right = edge(static_cast<double>(face->x) + face->width, meta->width);
  const int bottom = edge(static_cast<double>(face->y) + face->height, meta->height);
  return {left, top, right - left, bottom - top};
}

void add_bridges(GstBuffer* buffer, const GstFkpMeta* meta) {
  for (guint i = 0; i < gst_fkp_meta_get_n_faces(meta); i++) {
    const GstFkpFace* face = gst_fkp_meta_get_face(meta, i);
    const GstVideoRectangle box = visible_box(meta, face);
    if (box.w <= 0 || box.h <= 0) continue;
    GstVideoRegionOfInterestMeta* region = gst_buffer_add_video_region_of_interest_meta_id(
        buffer, face_type(), static_cast<guint>(box.x), static_cast<guint>(box.y), static_cast<guint>(box.w), static_cast<guint>(box.h));
    region->id = static_cast<gint>(face->id);
  }
  add_analytics(buffer, meta);
}

void remove_bridges(GstBuffer* buffer, const GstFkpMeta* meta) {
  gst_buffer_foreach_meta(buffer, remove_region, const_cast<GstFkpMeta*>(meta));
  remove_analytics(buffer, meta);
}

}  // namespace fkp
