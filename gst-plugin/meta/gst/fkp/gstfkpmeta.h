// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/fkp/gstfkpface.h>
#include <gst/fkp/gstfkpscheme.h>

/**
 * SECTION:gstfkpmeta
 * @title: GstFkpMeta
 * @short_description: the faces of a frame, on its buffer
 *
 * #GstFkpMeta carries the faces of a video frame and their keypoints along a pipeline. A frame in which fkpdetect found no
 * face carries a meta without faces; a frame that has not passed through fkpdetect carries none.
 *
 * The meta is kept wherever it can be kept correct: copies of the buffer, format conversion and most encoders keep it, and
 * scaling scales its coordinates. If an element describes how it transforms the picture (videocrop, videobox, videoflip and the
 * borders of videoscale do from GStreamer 1.28 on), the faces are moved accordingly, and those that are cropped away are dropped.
 * In all other cases, among them a scaler that may have added borders without saying so, the meta is dropped.
 *
 * Coordinates are those of a frame of @width by @height pixels. Where that is not the size in the caps, the buffer holds another view of
 * that frame: a decoder has shrunk it, or a #GstVideoCropMeta says which part of it the caps mean.
 *
 * With GStreamer 1.24 and later, unixfdsink and unixfdsrc carry it to another process that has called gst_fkp_meta_get_info(), as
 * fkpoverlay and fkppublish do when they are loaded.
 *
 * |[<!-- language="C" -->
 * GstFkpMeta *meta = gst_fkp_buffer_get_meta (buffer);
 * for (guint i = 0; meta && i < gst_fkp_meta_get_n_faces (meta); i++) {
 *   const GstFkpFace *face = gst_fkp_meta_get_face (meta, i);
 *   const GstFkpPoint *first = gst_fkp_face_get_point (face, 0);
 *   g_print ("face %u: %s at %.1f, %.1f\n", face->id,
 *       gst_fkp_scheme_get_point_name (meta->scheme, 0), first->x, first->y);
 * }
 * ]|
 *
 * In Python, with `gi.require_version("GstFkp", "1.0")`; `face.copy()` keeps a face longer than its buffer:
 *
 * |[<!-- language="Python" -->
 * meta = GstFkp.buffer_get_meta(buffer)
 * for i in range(meta.get_n_faces() if meta else 0):
 *     face = meta.get_face(i)
 *     first = face.get_point(0)
 *     print(f"face {face.id}: {meta.get_scheme().get_point_name(0)} at {first.x:.1f}, {first.y:.1f}")
 * ]|
 */

G_BEGIN_DECLS

/**
 * GstFkpMeta:
 * @meta: the parent
 * @width: width of the frame that the coordinates belong to, pixels
 * @height: height of the frame that the coordinates belong to, pixels
 * @scheme: the meaning of the points; owned by the meta
 *
 * The faces of a frame.
 */
typedef struct _GstFkpMeta {
  GstMeta meta;
  guint width;
  guint height;
  GstFkpScheme* scheme;

  /*< private >*/
  GPtrArray* faces;
} GstFkpMeta;

#define GST_FKP_META_API_TYPE (gst_fkp_meta_api_get_type())
#define GST_FKP_META_INFO (gst_fkp_meta_get_info())

GST_FKP_API
GType gst_fkp_meta_api_get_type(void);

/**
 * gst_fkp_meta_get_info:
 *
 * The first call registers the meta. Only unixfdsrc needs that: everything else registers the meta implicitly.
 *
 * Returns: (transfer none): the meta's description
 */
GST_FKP_API
const GstMetaInfo* gst_fkp_meta_get_info(void);

/**
 * gst_fkp_buffer_add_meta:
 * @buffer: a writable buffer that holds a video frame
 * @scheme: (transfer none): the meaning of the points; the meta takes its own reference
 * @width: width of the frame in pixels, not 0
 * @height: height of the frame in pixels, not 0
 *
 * Adds a meta without faces; gst_buffer_add_meta() alone adds none. A buffer should carry only one: readers see the first.
 *
 * Returns: (transfer none): the meta, owned by @buffer
 */
GST_FKP_API
GstFkpMeta* gst_fkp_buffer_add_meta(GstBuffer* buffer, GstFkpScheme* scheme, guint width, guint height);

/**
 * gst_fkp_buffer_get_meta:
 * @buffer: a buffer
 *
 * Returns: (transfer none) (nullable): the first meta of @buffer, or %NULL if it has none
 */
GST_FKP_API
GstFkpMeta* gst_fkp_buffer_get_meta(GstBuffer* buffer);

/**
 * gst_fkp_meta_add_face:
 * @meta: a meta of a writable buffer
 * @id: the face's id, from 1; the same while it is tracked
 * @x: left edge of the face box, pixels of the frame
 * @y: upper edge of the face box, pixels of the frame
 * @width: width of the face box, pixels of the frame
 * @height: height of the face box, pixels of the frame
 * @score: in [0, 1]
 * @held: whether the face was carried over from an earlier frame, not found in this one
 * @points: (array length=n_points): the keypoints in the order of the scheme, pixels of the frame; copied
 * @n_points: the number of @points, which must be the scheme's
 *
 * Appends a face. Its numbers are taken as they are: they must be finite, and lie within the ranges above.
 */
GST_FKP_API
void gst_fkp_meta_add_face(GstFkpMeta* meta, guint id, gfloat x, gfloat y, gfloat width, gfloat height, gfloat score, gboolean held,
                           const GstFkpPoint* points, guint n_points);

/**
 * gst_fkp_meta_get_n_faces:
 * @meta: a meta
 *
 * Returns: the number of faces; may be 0
 */
GST_FKP_API
guint gst_fkp_meta_get_n_faces(const GstFkpMeta* meta);

/**
 * gst_fkp_meta_get_face:
 * @meta: a meta
 * @i: the face's index, less than gst_fkp_meta_get_n_faces()
 *
 * Returns: (transfer none) (nullable): the face; lives as long as @meta
 */
GST_FKP_API
const GstFkpFace* gst_fkp_meta_get_face(const GstFkpMeta* meta, guint i);

/**
 * gst_fkp_meta_get_scheme:
 * @meta: a meta
 *
 * Returns: (transfer none): the meaning of the points; take a reference to keep it longer than @meta
 */
GST_FKP_API
GstFkpScheme* gst_fkp_meta_get_scheme(const GstFkpMeta* meta);

G_END_DECLS
