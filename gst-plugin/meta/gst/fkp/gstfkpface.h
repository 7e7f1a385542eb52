// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/fkp/gstfkpscheme.h>

/**
 * SECTION:gstfkpface
 * @title: GstFkpFace
 * @short_description: a face and its keypoints
 *
 * All coordinates are pixels of the frame that the face was found in: pixel centres at integers, origin top left, x to the
 * right and y down. The frame's left edge is x = -0.5.
 */

G_BEGIN_DECLS

/**
 * GstFkpPoint:
 * @x: pixels of the frame
 * @y: pixels of the frame
 * @confidence: in [0, 1]; 1 if the model gives none
 *
 * A keypoint. It may lie outside the frame.
 */
typedef struct _GstFkpPoint {
  gfloat x;
  gfloat y;
  gfloat confidence;
} GstFkpPoint;

/**
 * GstFkpFace:
 * @id: from 1; the same while the face is tracked
 * @x: left edge of the face box, pixels of the frame
 * @y: upper edge of the face box, pixels of the frame
 * @width: width of the face box, pixels of the frame
 * @height: height of the face box, pixels of the frame
 * @score: in [0, 1]: how sure the keypoint model is that this is a face
 * @held: %TRUE if the face was carried over from an earlier frame, not found in this one
 * @n_points: the number of @points, as many as the scheme has
 * @points: the keypoints, in the order of the scheme; owned by the face. Bindings see the first alone: gst_fkp_face_get_point() has all
 *
 * A face in a frame. The face box is the square around the points, or what the model makes of it; if pixels are not square, it is square
 * on the display.
 */
typedef struct _GstFkpFace {
  guint id;
  gfloat x;
  gfloat y;
  gfloat width;
  gfloat height;
  gfloat score;
  gboolean held;
  guint n_points;
  GstFkpPoint* points;
} GstFkpFace;

#define GST_TYPE_FKP_POINT (gst_fkp_point_get_type())
#define GST_TYPE_FKP_FACE (gst_fkp_face_get_type())

GST_FKP_API
GType gst_fkp_point_get_type(void);

/**
 * gst_fkp_point_copy:
 * @point: a point
 *
 * Returns: (transfer full): a copy, to be freed with gst_fkp_point_free()
 */
GST_FKP_API
GstFkpPoint* gst_fkp_point_copy(const GstFkpPoint* point);

/**
 * gst_fkp_point_free:
 * @point: (transfer full): a point made by gst_fkp_point_copy()
 */
GST_FKP_API
void gst_fkp_point_free(GstFkpPoint* point);

GST_FKP_API
GType gst_fkp_face_get_type(void);

/**
 * gst_fkp_face_copy:
 * @face: a face
 *
 * Returns: (transfer full): a deep copy, to be freed with gst_fkp_face_free()
 */
GST_FKP_API
GstFkpFace* gst_fkp_face_copy(const GstFkpFace* face);

/**
 * gst_fkp_face_free:
 * @face: (transfer full): a face made by gst_fkp_face_copy()
 */
GST_FKP_API
void gst_fkp_face_free(GstFkpFace* face);

/**
 * gst_fkp_face_get_point:
 * @face: a face
 * @k: a point's index, less than #GstFkpFace.n_points
 *
 * Returns: (transfer none) (nullable): the point; lives as long as @face
 */
GST_FKP_API
const GstFkpPoint* gst_fkp_face_get_point(const GstFkpFace* face, guint k);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GstFkpPoint, gst_fkp_point_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GstFkpFace, gst_fkp_face_free)

G_END_DECLS
