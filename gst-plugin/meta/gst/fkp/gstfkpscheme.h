// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>

/**
 * SECTION:gstfkpscheme
 * @title: GstFkpScheme
 * @short_description: what a set of facial keypoints means
 *
 * A keypoint scheme names the points of a face, in the order of #GstFkpFace.points, and lists the lines through them
 * that an overlay draws. It is immutable and reference counted; all buffers of a stream share one. "left" and "right" in
 * the names are the subject's own.
 */

/**
 * GST_FKP_API: (skip)
 */
#define GST_FKP_API GST_API_EXPORT

G_BEGIN_DECLS

/**
 * GstFkpScheme:
 *
 * The meaning of a set of keypoints. Opaque and immutable, so that it may be used from any thread.
 */
typedef struct _GstFkpScheme GstFkpScheme;

#define GST_TYPE_FKP_SCHEME (gst_fkp_scheme_get_type())

GST_FKP_API
GType gst_fkp_scheme_get_type(void);

/**
 * gst_fkp_scheme_new_from_json:
 * @json: the scheme as in a model's description, UTF-8: at least `{"name": "nose-1", "points": ["nose"]}`, with
 *   `"outlines": [{"points": [0, 1], "closed": false}]` for the lines to draw
 * @error: (out) (optional): return location for an error
 *
 * Parses a scheme. If @json is not a valid one, for example because an outline contains a point that does not exist, sets @error
 * to #GST_RESOURCE_ERROR / %GST_RESOURCE_ERROR_READ with a message that names the fault.
 *
 * Returns: (transfer full) (nullable): a new scheme, or %NULL with @error set
 */
GST_FKP_API
GstFkpScheme* gst_fkp_scheme_new_from_json(const gchar* json, GError** error);

/**
 * gst_fkp_scheme_to_json:
 * @scheme: a scheme
 *
 * Returns: (transfer none): the whole scheme as JSON, as gst_fkp_scheme_new_from_json() reads it; lives as long as @scheme
 */
GST_FKP_API
const gchar* gst_fkp_scheme_to_json(const GstFkpScheme* scheme);

/**
 * gst_fkp_scheme_ref:
 * @scheme: a scheme
 *
 * Returns: (transfer full): @scheme, with its reference count increased
 */
GST_FKP_API
GstFkpScheme* gst_fkp_scheme_ref(GstFkpScheme* scheme);

/**
 * gst_fkp_scheme_unref:
 * @scheme: (transfer full): a scheme
 *
 * Releases a reference; releasing the last one frees the scheme.
 */
GST_FKP_API
void gst_fkp_scheme_unref(GstFkpScheme* scheme);

/**
 * gst_fkp_scheme_get_name:
 * @scheme: a scheme
 *
 * Returns: (transfer none): its name, such as "ibug-68"; lives as long as @scheme
 */
GST_FKP_API
const gchar* gst_fkp_scheme_get_name(const GstFkpScheme* scheme);

/**
 * gst_fkp_scheme_get_n_points:
 * @scheme: a scheme
 *
 * Returns: the number of points of a face, 1 or more
 */
GST_FKP_API
guint gst_fkp_scheme_get_n_points(const GstFkpScheme* scheme);

/**
 * gst_fkp_scheme_get_point_name:
 * @scheme: a scheme
 * @i: the point's index, less than gst_fkp_scheme_get_n_points()
 *
 * Returns: (transfer none) (nullable): the point's name, such as "left-eye-0"; lives as long as @scheme
 */
GST_FKP_API
const gchar* gst_fkp_scheme_get_point_name(const GstFkpScheme* scheme, guint i);

/**
 * gst_fkp_scheme_get_n_outlines:
 * @scheme: a scheme
 *
 * Returns: the number of outlines; may be 0
 */
GST_FKP_API
guint gst_fkp_scheme_get_n_outlines(const GstFkpScheme* scheme);

/**
 * gst_fkp_scheme_get_outline:
 * @scheme: a scheme
 * @i: the outline's index, less than gst_fkp_scheme_get_n_outlines()
 * @n_points: (out): the length of the returned array
 * @closed: (out) (optional): whether a line leads from the last point back to the first
 *
 * Returns: (transfer none) (array length=n_points) (nullable): the points of the outline in drawing order, each less than
 *   gst_fkp_scheme_get_n_points(); lives as long as @scheme
 */
GST_FKP_API
const gint* gst_fkp_scheme_get_outline(const GstFkpScheme* scheme, guint i, guint* n_points, gboolean* closed);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GstFkpScheme, gst_fkp_scheme_unref)

G_END_DECLS
