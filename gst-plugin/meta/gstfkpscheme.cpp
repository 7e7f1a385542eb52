// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gst/fkp/gstfkpscheme.h>

#include <exception>
#include <string>
#include <utility>

#include "fkp/core/scheme.h"

struct _GstFkpScheme {
  explicit _GstFkpScheme(fkp::Scheme s) : scheme(std::move(s)), json(to_json(scheme)) { g_atomic_ref_count_init(&references); }

  gatomicrefcount references{};
  const fkp::Scheme scheme;
  const std::string json;
};

G_DEFINE_BOXED_TYPE(GstFkpScheme, gst_fkp_scheme, gst_fkp_scheme_ref, gst_fkp_scheme_unref)

GstFkpScheme* gst_fkp_scheme_new_from_json(const gchar* json, GError** error) {
  g_return_val_if_fail(json != nullptr, nullptr);
  g_return_val_if_fail(error == nullptr || *error == nullptr, nullptr);
  try {
    return new GstFkpScheme(fkp::scheme_from_json(json));
  } catch (const std::exception& e) {
    g_set_error_literal(error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ, e.what());
  } catch (...) {
    g_set_error_literal(error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ, "not a keypoint scheme");
  }
  return nullptr;
}

GstFkpScheme* gst_fkp_scheme_ref(GstFkpScheme* scheme) {
  g_return_val_if_fail(scheme != nullptr, nullptr);
  g_atomic_ref_count_inc(&scheme->references);
  return scheme;
}

void gst_fkp_scheme_unref(GstFkpScheme* scheme) {
  g_return_if_fail(scheme != nullptr);
  if (g_atomic_ref_count_dec(&scheme->references)) delete scheme;
}

const gchar* gst_fkp_scheme_to_json(const GstFkpScheme* scheme) {
  g_return_val_if_fail(scheme != nullptr, nullptr);
  return scheme->json.c_str();
}

const gchar* gst_fkp_scheme_get_name(const GstFkpScheme* scheme) {
  g_return_val_if_fail(scheme != nullptr, nullptr);
  return scheme->scheme.name.c_str();
}

guint gst_fkp_scheme_get_n_points(const GstFkpScheme* scheme) {
  g_return_val_if_fail(scheme != nullptr, 0);
  return static_cast<guint>(scheme->scheme.point_names.size());
}

const gchar* gst_fkp_scheme_get_point_name(const GstFkpScheme* scheme, guint i) {
  g_return_val_if_fail(scheme != nullptr && i < scheme->scheme.point_names.size(), nullptr);
  return scheme->scheme.point_names[i].c_str();
}

guint gst_fkp_scheme_get_n_outlines(const GstFkpScheme* scheme) {
  g_return_val_if_fail(scheme != nullptr, 0);
  return static_cast<guint>(scheme->scheme.outlines.size());
}

const gint* gst_fkp_scheme_get_outline(const GstFkpScheme* scheme, guint i, guint* n_points, gboolean* closed) {
  g_return_val_if_fail(n_points != nullptr, nullptr);
  *n_points = 0;
  g_return_val_if_fail(scheme != nullptr && i < scheme->scheme.outlines.size(), nullptr);
  const fkp::Outline& outline = scheme->scheme.outlines[i];
  *n_points = static_cast<guint>(outline.points.size());
  if (closed != nullptr) *closed = outline.closed;
  return outline.points.data();
}
