// SPDX-License-Identifier: LGPL-2.1-or-later
#include "analytics.h"

#ifdef HAVE_ANALYTICS
#define GST_USE_UNSTABLE_API
#include <gst/analytics/analytics.h>

#include <cmath>
#include <vector>

#include "bridges.h"

namespace fkp {
namespace {

#if GST_CHECK_VERSION(1, 30, 0)

/// The scheme's lines as pairs of points.
std::vector<gint> links(const GstFkpScheme* scheme) {
  std::vector<gint> pairs;
  for (guint i = 0; i < gst_fkp_scheme_get_n_outlines(scheme); i++) {
    guint n = 0;
    gboolean closed = FALSE;
    const gint* points = gst_fkp_scheme_get_outline(scheme, i, &n, &closed);
    for (guint k = 0; k + 1 < n; k++) pairs.insert(pairs.end(), {points[k], points[k + 1]});
    if (closed && n > 2) pairs.insert(pairs.end(), {points[n - 1], points[0]});
  }
  return pairs;
}

gsize entries_of_points(const GstFkpScheme* scheme) { return 1 + gst_fkp_scheme_get_n_points(scheme); }

void add_points(GstAnalyticsRelationMeta* relations, guint detection, const GstFkpScheme* scheme, const GstFkpFace* face) {
  std::vector<gint> positions;
  std::vector<gfloat> confidences;
  for (guint k = 0; k < face->n_points; k++) {
    positions.push_back(static_cast<gint>(std::lround(face->points[k].x)));
    positions.push_back(static_cast<gint>(std::lround(face->points[k].y)));
    confidences.push_back(face->points[k].confidence);
  }
  const std::vector<gint> pairs = links(scheme);
  GstAnalyticsGroupMtd group;
  if (gst_analytics_relation_meta_add_keypoints_group(relations, gst_fkp_scheme_get_name(scheme), GST_ANALYTICS_KEYPOINT_DIMENSIONS_2D,
                                                      positions.size(), positions.data(), confidences.size(), confidences.data(), nullptr,
                                                      pairs.size(), pairs.data(), &group))
    gst_analytics_relation_meta_set_relation(relations, GST_ANALYTICS_REL_TYPE_CONTAIN, detection, group.id);
}

#else

gsize entries_of_points(const GstFkpScheme*) { return 0; }
void add_points(GstAnalyticsRelationMeta*, guint, const GstFkpScheme*, const GstFkpFace*) {}

#endif

bool is_visible(const GstVideoRectangle& box) { return box.w > 0 && box.h > 0; }

/// Whether all entries were made by add_analytics() from `meta`.
bool holds_nothing_else(GstAnalyticsRelationMeta* relations, const GstFkpMeta* meta) {
  gsize expected = 0;
  for (guint i = 0; i < gst_fkp_meta_get_n_faces(meta); i++)
    if (is_visible(visible_box(meta, gst_fkp_meta_get_face(meta, i)))) expected += 2 + entries_of_points(meta->scheme);
  if (gst_analytics_relation_get_length(relations) != expected) return false;
  gpointer state = nullptr;
  GstAnalyticsODMtd detection;
  while (gst_analytics_relation_meta_iterate(relations, &state, gst_analytics_od_mtd_get_mtd_type(), &detection))
    if (gst_analytics_od_mtd_get_obj_type(&detection) != face_type()) return false;
  return true;
}

}  // namespace

void add_analytics(GstBuffer* buffer, const GstFkpMeta* meta) {
  const guint n_faces = gst_fkp_meta_get_n_faces(meta);
  if (n_faces == 0) return;
  GstAnalyticsRelationMeta* relations = gst_buffer_get_analytics_relation_meta(buffer);
  if (relations == nullptr) {
    const gsize entries = n_faces * (2 + entries_of_points(meta->scheme));
    GstAnalyticsRelationMetaInitParams room{entries, entries * 80};  // bytes; grows if needed
    relations = gst_buffer_add_analytics_relation_meta_full(buffer, &room);
  }
  for (guint i = 0; i < n_faces; i++) {
    const GstFkpFace* face = gst_fkp_meta_get_face(meta, i);
    const GstVideoRectangle box = visible_box(meta, face);
    GstAnalyticsODMtd detection;
    GstAnalyticsTrackingMtd tracking;
    if (!is_visible(box) ||
        !gst_analytics_relation_meta_add_od_mtd(relations, face_type(), box.x, box.y, box.w, box.h, face->score, &detection))
      continue;
    // The face does not say since when it has been tracked.
    if (gst_analytics_relation_meta_add_tracking_mtd(relations, face->id, GST_CLOCK_TIME_NONE, &tracking)) {
      gst_analytics_tracking_mtd_update_last_seen(&tracking, GST_BUFFER_PTS(buffer));
      gst_analytics_relation_meta_set_relation(relations, GST_ANALYTICS_REL_TYPE_RELATE_TO, detection.id, tracking.id);
    }
    add_points(relations, detection.id, meta->scheme, face);
  }
}

void remove_analytics(GstBuffer* buffer, const GstFkpMeta* meta) {
  GstAnalyticsRelationMeta* relations = gst_buffer_get_analytics_relation_meta(buffer);
  if (relations == nullptr) return;
  if (holds_nothing_else(relations, meta))
    gst_buffer_remove_meta(buffer, reinterpret_cast<GstMeta*>(relations));
  else
    GST_INFO("the faces of an earlier analysis stay among other detections");
}

std::vector<Detection> detected_objects(GstBuffer* buffer, const std::string& type) {
  std::vector<Detection> found;
  GstAnalyticsRelationMeta* relations = gst_buffer_get_analytics_relation_meta(buffer);
  if (relations == nullptr) return found;
  const GQuark wanted = type.empty() ? 0 : g_quark_from_string(type.c_str());
  gpointer state = nullptr;
  GstAnalyticsODMtd object;
  while (gst_analytics_relation_meta_iterate(relations, &state, gst_analytics_od_mtd_get_mtd_type(), &object)) {
    if (wanted != 0 && gst_analytics_od_mtd_get_obj_type(&object) != wanted) continue;
    gint x = 0, y = 0, w = 0, h = 0;
    gfloat score = 0;
    if (gst_analytics_od_mtd_get_location(&object, &x, &y, &w, &h, &score)) found.push_back({cv::Rect2f(cv::Rect2i(x, y, w, h)), score});
  }
  return found;
}

}  // namespace fkp

#else

void fkp::add_analytics(GstBuffer*, const GstFkpMeta*) {}
void fkp::remove_analytics(GstBuffer*, const GstFkpMeta*) {}
std::vector<fkp::Detection> fkp::detected_objects(GstBuffer*, const std::string&) { return {}; }

#endif
