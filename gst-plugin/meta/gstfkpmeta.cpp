// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gst/fkp/gstfkpmeta.h>
#include <gst/video/gstvideometa.h>

#include <optional>

#include "placement.h"
#include "serialize.h"

namespace {

/// Copies the meta to `buffer`: bit for bit, or moved according to `placement`.
void copy_into(GstBuffer* buffer, const GstFkpMeta* from, const std::optional<fkp::Placement>& placement = {}) {
  GstFkpMeta* to = gst_fkp_buffer_add_meta(buffer, from->scheme, placement ? placement->width : from->width,
                                           placement ? placement->height : from->height);
  for (guint i = 0; i < from->faces->len; i++) {
    GstFkpFace* face = gst_fkp_face_copy(gst_fkp_meta_get_face(from, i));
    if (!placement || fkp::place(face, *placement))
      g_ptr_array_add(to->faces, face);
    else
      gst_fkp_face_free(face);
  }
}

// Without a scheme as its parameter there is no meta.
gboolean meta_init(GstMeta* meta, gpointer scheme, GstBuffer*) {
  if (scheme == nullptr) return FALSE;
  auto* self = reinterpret_cast<GstFkpMeta*>(meta);
  self->width = self->height = 0;
  self->scheme = gst_fkp_scheme_ref(static_cast<GstFkpScheme*>(scheme));
  self->faces = g_ptr_array_new_with_free_func([](gpointer face) { gst_fkp_face_free(static_cast<GstFkpFace*>(face)); });
  return TRUE;
}

void meta_free(GstMeta* meta, GstBuffer*) {
  auto* self = reinterpret_cast<GstFkpMeta*>(meta);
  gst_fkp_scheme_unref(self->scheme);
  g_ptr_array_unref(self->faces);
}

gboolean meta_transform(GstBuffer* to, GstMeta* meta, GstBuffer*, GQuark type, gpointer data) {
  const auto* self = reinterpret_cast<GstFkpMeta*>(meta);
  if (GST_META_TRANSFORM_IS_COPY(type)) {
    if (static_cast<GstMetaTransformCopy*>(data)->region) return FALSE;
    copy_into(to, self);
    return TRUE;
  }
  const std::optional<fkp::Placement> placement = fkp::placement_of(type, data, self->width, self->height);
  if (!placement) return FALSE;
  copy_into(to, self, placement);
  return TRUE;
}

}  // namespace

GType gst_fkp_meta_api_get_type(void) {
  static const GType type = [] {
    const gchar* tags[] = {GST_META_TAG_VIDEO_STR, GST_META_TAG_VIDEO_SIZE_STR, GST_META_TAG_VIDEO_ORIENTATION_STR, nullptr};
    return gst_meta_api_type_register("GstFkpMetaAPI", tags);
  }();
  return type;
}

const GstMetaInfo* gst_fkp_meta_get_info(void) {
  static const GstMetaInfo* const info = fkp::register_meta(meta_init, meta_free, meta_transform);
  return info;
}

GstFkpMeta* gst_fkp_buffer_add_meta(GstBuffer* buffer, GstFkpScheme* scheme, guint width, guint height) {
  g_return_val_if_fail(GST_IS_BUFFER(buffer) && gst_buffer_is_writable(buffer), nullptr);
  g_return_val_if_fail(scheme != nullptr, nullptr);
  g_return_val_if_fail(width > 0 && height > 0, nullptr);
  auto* self = reinterpret_cast<GstFkpMeta*>(gst_buffer_add_meta(buffer, GST_FKP_META_INFO, scheme));
  self->width = width;
  self->height = height;
  return self;
}

GstFkpMeta* gst_fkp_buffer_get_meta(GstBuffer* buffer) {
  g_return_val_if_fail(GST_IS_BUFFER(buffer), nullptr);
  return reinterpret_cast<GstFkpMeta*>(gst_buffer_get_meta(buffer, GST_FKP_META_API_TYPE));
}

void gst_fkp_meta_add_face(GstFkpMeta* meta, guint id, gfloat x, gfloat y, gfloat width, gfloat height, gfloat score, gboolean held,
                           const GstFkpPoint* points, guint n_points) {
  g_return_if_fail(meta != nullptr && points != nullptr);
  g_return_if_fail(n_points == gst_fkp_scheme_get_n_points(meta->scheme));
  const GstFkpFace face{id, x, y, width, height, score, held, n_points, const_cast<GstFkpPoint*>(points)};
  g_ptr_array_add(meta->faces, gst_fkp_face_copy(&face));
}

guint gst_fkp_meta_get_n_faces(const GstFkpMeta* meta) {
  g_return_val_if_fail(meta != nullptr, 0);
  return meta->faces->len;
}

const GstFkpFace* gst_fkp_meta_get_face(const GstFkpMeta* meta, guint i) {
  g_return_val_if_fail(meta != nullptr && i < meta->faces->len, nullptr);
  return static_cast<const GstFkpFace*>(g_ptr_array_index(meta->faces, i));
}

GstFkpScheme* gst_fkp_meta_get_scheme(const GstFkpMeta* meta) {
  g_return_val_if_fail(meta != nullptr, nullptr);
  return meta->scheme;
}
