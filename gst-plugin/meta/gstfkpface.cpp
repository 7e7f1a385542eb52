// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gst/fkp/gstfkpface.h>

G_DEFINE_BOXED_TYPE(GstFkpPoint, gst_fkp_point, gst_fkp_point_copy, gst_fkp_point_free)
G_DEFINE_BOXED_TYPE(GstFkpFace, gst_fkp_face, gst_fkp_face_copy, gst_fkp_face_free)

GstFkpPoint* gst_fkp_point_copy(const GstFkpPoint* point) {
  g_return_val_if_fail(point != nullptr, nullptr);
  return static_cast<GstFkpPoint*>(g_memdup2(point, sizeof *point));
}

void gst_fkp_point_free(GstFkpPoint* point) { g_free(point); }

GstFkpFace* gst_fkp_face_copy(const GstFkpFace* face) {
  g_return_val_if_fail(face != nullptr, nullptr);
  auto* copy = static_cast<GstFkpFace*>(g_memdup2(face, sizeof *face));
  copy->points = static_cast<GstFkpPoint*>(g_memdup2(face->points, face->n_points * sizeof *face->points));
  return copy;
}

void gst_fkp_face_free(GstFkpFace* face) {
  if (face == nullptr) return;
  g_free(face->points);
  g_free(face);
}

const GstFkpPoint* gst_fkp_face_get_point(const GstFkpFace* face, guint k) {
  g_return_val_if_fail(face != nullptr && k < face->n_points, nullptr);
  return &face->points[k];
}
