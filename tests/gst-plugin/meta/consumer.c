// SPDX-License-Identifier: LGPL-2.1-or-later
// The library as a C program sees it; meta.cpp calls this.
#include <gst/fkp/gstfkpmeta.h>

GstFkpPoint consumer_first_point(GstBuffer* buffer);

GstFkpPoint consumer_first_point(GstBuffer* buffer) {
  GstFkpMeta* meta = gst_fkp_buffer_get_meta(buffer);
  g_autoptr(GstFkpScheme) scheme = gst_fkp_scheme_ref(gst_fkp_meta_get_scheme(meta));
  g_autoptr(GstFkpFace) face = gst_fkp_face_copy(gst_fkp_meta_get_face(meta, 0));
  g_assert_cmpuint(face->n_points, ==, gst_fkp_scheme_get_n_points(scheme));
  return *gst_fkp_face_get_point(face, 0);
}
