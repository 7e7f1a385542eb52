// SPDX-License-Identifier: LGPL-2.1-or-later
#include "placement.h"

#include <gst/video/video.h>

#include <algorithm>
#include <cmath>

namespace fkp {
namespace {

double display_aspect(const GstVideoInfo* info) {
  return static_cast<double>(info->width) * info->par_n / (static_cast<double>(info->height) * info->par_d);
}

// videoscale adds borders if the display aspect ratio changes (add-borders, on by default). Before GStreamer 1.28 it does not say so,
// and the points' position is unknown then. Differences of up to 1.5 pixels are rounding.
bool may_have_borders(const GstVideoInfo* in, const GstVideoInfo* out) {
  if (in->width <= 0 || in->height <= 0 || out->height <= 0 || in->par_d <= 0 || out->par_d <= 0) return true;
  const double stretch = display_aspect(out) / display_aspect(in);
  return std::abs(out->width * (1 - 1 / stretch)) > 1.5 || std::abs(out->height * (1 - stretch)) > 1.5;
}

std::optional<Placement> scaling(const GstVideoInfo* in, const GstVideoInfo* out, guint width, guint height) {
  if (may_have_borders(in, out)) {
    GST_INFO("faces dropped: scaling %dx%d to %dx%d changes the display aspect ratio", in->width, in->height, out->width, out->height);
    return {};
  }
  const double x = static_cast<double>(out->width) / width, y = static_cast<double>(out->height) / height;
  return Placement{static_cast<guint>(out->width), static_cast<guint>(out->height), {{{x, 0, 0}, {0, y, 0}, {0, 0, 1}}}};
}

struct Position {
  double x, y;
};

Position apply(const Matrix& m, double x, double y) {
  const double w = m[2][0] * x + m[2][1] * y + m[2][2];
  return {(m[0][0] * x + m[0][1] * y + m[0][2]) / w, (m[1][0] * x + m[1][1] * y + m[1][2]) / w};
}

Position moved(const Placement& to, double x, double y) {
  const Position p = apply(to.matrix, x + 0.5, y + 0.5);
  return {p.x - 0.5, p.y - 0.5};
}

#if GST_CHECK_VERSION(1, 28, 0)

/// Whether the matrix maps a rectangle of size `from` to one of size `to`, both with a corner at (0, 0). Assumes an upright result:
/// only checks that opposite corners land on opposite corners.
bool fits(const Matrix& m, int from_w, int from_h, int to_w, int to_h) {
  const Position a = apply(m, 0, 0), b = apply(m, from_w, from_h);
  return std::abs(a.x + b.x - to_w) < 0.1 && std::abs(a.y + b.y - to_h) < 0.1;
}

/// For crops, borders, flips and whatever else an element describes by a matrix. The matrix maps the input rectangle, with its corner
/// at (0, 0), to the output rectangle.
Placement of_matrix(const GstVideoMetaTransformMatrix& transform, guint width, guint height) {
  const GstVideoRectangle &from = transform.in_rectangle, &to = transform.out_rectangle;
  Matrix m;
  for (int row = 0; row < 3; row++) std::copy_n(transform.matrix[row], 3, m[row].begin());
  // videoscale's matrix maps pixel edges; videoflip's maps pixel centres: x becomes width - 1 - x.
  const double centre = !fits(m, from.w, from.h, to.w, to.h) && fits(m, from.w - 1, from.h - 1, to.w - 1, to.h - 1) ? 0.5 : 0;
  for (auto& row : m) row[2] -= row[0] * (from.x + centre) + row[1] * (from.y + centre);
  for (int column = 0; column < 3; column++) {
    m[0][column] += (to.x + centre) * m[2][column];
    m[1][column] += (to.y + centre) * m[2][column];
  }
  for (auto& row : m) {
    row[0] *= static_cast<double>(transform.in_info->width) / width;
    row[1] *= static_cast<double>(transform.in_info->height) / height;
  }
  return {static_cast<guint>(transform.out_info->width), static_cast<guint>(transform.out_info->height), m};
}

#endif

}  // namespace

std::optional<Placement> placement_of(GQuark type, gconstpointer data, guint width, guint height) {
  if (GST_VIDEO_META_TRANSFORM_IS_SCALE(type)) {
    const auto* transform = static_cast<const GstVideoMetaTransform*>(data);
    return scaling(transform->in_info, transform->out_info, width, height);
  }
#if GST_CHECK_VERSION(1, 28, 0)
  if (GST_VIDEO_META_TRANSFORM_IS_MATRIX(type)) return of_matrix(*static_cast<const GstVideoMetaTransformMatrix*>(data), width, height);
#endif
  return {};
}

bool place(GstFkpFace* face, const Placement& placement) {
  const double right = static_cast<double>(face->x) + face->width, low = static_cast<double>(face->y) + face->height;
  const Position corners[] = {moved(placement, face->x, face->y), moved(placement, right, face->y), moved(placement, face->x, low),
                              moved(placement, right, low)};
  const auto by_x = [](const Position& a, const Position& b) { return a.x < b.x; };
  const auto by_y = [](const Position& a, const Position& b) { return a.y < b.y; };
  const auto [min_x, max_x] = std::minmax_element(std::begin(corners), std::end(corners), by_x);
  const auto [min_y, max_y] = std::minmax_element(std::begin(corners), std::end(corners), by_y);
  face->x = static_cast<gfloat>(min_x->x);
  face->y = static_cast<gfloat>(min_y->y);
  face->width = static_cast<gfloat>(max_x->x - min_x->x);
  face->height = static_cast<gfloat>(max_y->y - min_y->y);
  for (guint k = 0; k < face->n_points; k++) {
    const Position p = moved(placement, face->points[k].x, face->points[k].y);
    face->points[k].x = static_cast<gfloat>(p.x);
    face->points[k].y = static_cast<gfloat>(p.y);
  }
  return max_x->x > -0.5 && max_y->y > -0.5 && min_x->x < placement.width - 0.5 && min_y->y < placement.height - 0.5;
}

}  // namespace fkp
