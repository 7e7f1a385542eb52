// SPDX-License-Identifier: LGPL-2.1-or-later
#include "serialize.h"

#if GST_CHECK_VERSION(1, 24, 0)
#include <gst/base/gstbytereader.h>
#include <gst/base/gstbytewriter.h>

#include <mutex>
#include <string>
#include <vector>

// Version 1, all little-endian: width, height (uint32); the scheme's JSON, null-terminated; the number of faces (uint32); for each
// its id (uint32), x, y, width, height, score (float), held (uint8), and its points, as many as the scheme has: x, y, confidence (float).

namespace fkp {
namespace {

constexpr guint8 kVersion = 1;
constexpr guint kFaceBytes = 4 + 5 * 4 + 1, kPointBytes = 3 * 4;

gboolean serialize(const GstMeta* meta, GstByteArrayInterface* data, guint8* version) {
  const auto* self = reinterpret_cast<const GstFkpMeta*>(meta);
  const guint n_faces = gst_fkp_meta_get_n_faces(self);
  GstByteWriter writer;
  gst_byte_writer_init(&writer);
  bool ok = gst_byte_writer_put_uint32_le(&writer, self->width) && gst_byte_writer_put_uint32_le(&writer, self->height) &&
            gst_byte_writer_put_string_utf8(&writer, gst_fkp_scheme_to_json(self->scheme)) &&
            gst_byte_writer_put_uint32_le(&writer, n_faces);
  for (guint i = 0; ok && i < n_faces; i++) {
    const GstFkpFace* face = gst_fkp_meta_get_face(self, i);
    ok = gst_byte_writer_put_uint32_le(&writer, face->id);
    for (const gfloat v : {face->x, face->y, face->width, face->height, face->score}) ok = ok && gst_byte_writer_put_float32_le(&writer, v);
    ok = ok && gst_byte_writer_put_uint8(&writer, face->held ? 1 : 0);
    for (guint k = 0; k < face->n_points; k++)
      for (const gfloat v : {face->points[k].x, face->points[k].y, face->points[k].confidence})
        ok = ok && gst_byte_writer_put_float32_le(&writer, v);
  }
  const guint size = gst_byte_writer_get_size(&writer);
  guint8* bytes = gst_byte_writer_reset_and_get_data(&writer);
  ok = ok && gst_byte_array_interface_append_data(data, bytes, size);
  g_free(bytes);
  *version = kVersion;
  return ok;
}

// All buffers of a stream share one scheme on the receiving side, too, and its JSON is parsed only once: the last scheme is kept.
GstFkpScheme* shared_scheme(const gchar* json) {
  static std::mutex mutex;
  static GstFkpScheme* last = nullptr;
  const std::lock_guard lock(mutex);
  if (last == nullptr || g_strcmp0(json, gst_fkp_scheme_to_json(last)) != 0) {
    GError* error = nullptr;
    GstFkpScheme* read = gst_fkp_scheme_new_from_json(json, &error);
    if (read == nullptr) {
      GST_WARNING("%s", error->message);
      g_error_free(error);
      return nullptr;
    }
    if (last != nullptr) gst_fkp_scheme_unref(last);
    last = read;
  }
  return gst_fkp_scheme_ref(last);
}

// The caller has checked that the reader holds all faces.
void read_faces(GstByteReader* reader, GstFkpMeta* meta, guint n_faces) {
  const auto next = [reader] { return gst_byte_reader_get_float32_le_unchecked(reader); };
  std::vector<GstFkpPoint> points(gst_fkp_scheme_get_n_points(meta->scheme));
  for (guint i = 0; i < n_faces; i++) {
    const guint id = gst_byte_reader_get_uint32_le_unchecked(reader);
    const gfloat x = next(), y = next(), width = next(), height = next(), score = next();
    const gboolean held = gst_byte_reader_get_uint8_unchecked(reader) != 0;
    for (GstFkpPoint& p : points) p = {next(), next(), next()};  // braces: evaluated from left to right
    gst_fkp_meta_add_face(meta, id, x, y, width, height, score, held, points.data(), static_cast<guint>(points.size()));
  }
}

// The bytes come from another process and may be anything: returns a valid meta or null.
GstMeta* deserialize(const GstMetaInfo*, GstBuffer* buffer, const guint8* data, gsize size, guint8 version) {
  if (version != kVersion || size > G_MAXUINT) return nullptr;
  GstByteReader reader;
  gst_byte_reader_init(&reader, data, static_cast<guint>(size));
  guint32 width = 0, height = 0, n_faces = 0;
  const gchar* json = nullptr;
  if (!gst_byte_reader_get_uint32_le(&reader, &width) || !gst_byte_reader_get_uint32_le(&reader, &height) ||
      !gst_byte_reader_get_string_utf8(&reader, &json) || !gst_byte_reader_get_uint32_le(&reader, &n_faces) || width == 0 || height == 0)
    return nullptr;
  GstFkpScheme* scheme = shared_scheme(json);
  if (scheme == nullptr) return nullptr;
  GstMeta* meta = nullptr;
  const guint64 bytes = n_faces * (kFaceBytes + static_cast<guint64>(kPointBytes) * gst_fkp_scheme_get_n_points(scheme));
  if (bytes == gst_byte_reader_get_remaining(&reader)) {
    GstFkpMeta* read = gst_fkp_buffer_add_meta(buffer, scheme, width, height);
    read_faces(&reader, read, n_faces);
    meta = &read->meta;
  }
  gst_fkp_scheme_unref(scheme);
  return meta;
}

}  // namespace

const GstMetaInfo* register_meta(GstMetaInitFunction init, GstMetaFreeFunction free, GstMetaTransformFunction transform) {
  GstMetaInfo* info = gst_meta_info_new(GST_FKP_META_API_TYPE, "GstFkpMeta", sizeof(GstFkpMeta));
  info->init_func = init;
  info->free_func = free;
  info->transform_func = transform;
  info->serialize_func = serialize;
  info->deserialize_func = deserialize;
  return gst_meta_info_register(info);
}

}  // namespace fkp

#else

const GstMetaInfo* fkp::register_meta(GstMetaInitFunction init, GstMetaFreeFunction free, GstMetaTransformFunction transform) {
  return gst_meta_register(GST_FKP_META_API_TYPE, "GstFkpMeta", sizeof(GstFkpMeta), init, free, transform);
}

#endif
