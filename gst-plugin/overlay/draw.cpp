// SPDX-License-Identifier: LGPL-2.1-or-later
#include "draw.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core/types.hpp>
#include <string>
#include <vector>

#include "canvas.h"

namespace fkp {
namespace {

// Found by looking at faces of 40 to 1000 pixels: dots that stay apart on the small ones and can be seen on the large ones.
constexpr float kRadius = 1 / 130.f;       // of the face box's side
constexpr float kLineToRadius = 0.7f;      // lines are finer than dots, and lie under them
constexpr float kLeast = 0.8f, kMost = 6;  // pixels
constexpr float kOutlineOpacity = 0.6f;
constexpr float kHeldOpacity = 0.4f;

/// A face as it is drawn: in pixels of the frame, with its sizes chosen.
struct Drawing {
  std::vector<cv::Point2f> points;
  cv::Rect2f box;
  float radius = 0, line_width = 0, text_height = 0, index_height = 0;
};

cv::Rect2f around(const std::vector<cv::Point2f>& points, float margin) {
  cv::Point2f low(INFINITY, INFINITY), high(-INFINITY, -INFINITY);
  for (const cv::Point2f& p : points) {
    if (!std::isfinite(p.x) || !std::isfinite(p.y)) continue;
    low = {std::min(low.x, p.x), std::min(low.y, p.y)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y)};
  }
  if (low.x > high.x) return {};
  return {low.x - margin, low.y - margin, high.x - low.x + 2 * margin, high.y - low.y + 2 * margin};
}

Drawing drawing_of(const GstFkpFace& face, cv::Point2f scale, const Style& style) {
  const auto scaled = [&](float x, float y) { return cv::Point2f((x + 0.5f) * scale.x - 0.5f, (y + 0.5f) * scale.y - 0.5f); };
  Drawing d;
  for (guint k = 0; k < face.n_points; k++) d.points.push_back(scaled(face.points[k].x, face.points[k].y));
  d.box = {scaled(face.x, face.y), cv::Size2f(face.width * scale.x, face.height * scale.y)};
  const float side = std::isfinite(d.box.width) ? d.box.width : 0;
  const float radius = std::clamp(side * kRadius, kLeast, kMost);
  d.radius = style.radius > 0 ? style.radius : radius;
  d.line_width = style.line_width > 0 ? style.line_width : std::max(kLeast, radius * kLineToRadius);
  d.text_height = std::clamp(side / 14, 9.f, 40.f);
  d.index_height = std::clamp(side / 60, 5.f, 14.f);
  return d;
}

void draw_outlines(Canvas& canvas, const Drawing& d, const GstFkpScheme* scheme) {
  for (guint i = 0; i < gst_fkp_scheme_get_n_outlines(scheme); i++) {
    guint n = 0;
    gboolean closed = FALSE;
    const gint* line = gst_fkp_scheme_get_outline(scheme, i, &n, &closed);
    for (guint k = 1; k < n; k++) canvas.line(d.points[line[k - 1]], d.points[line[k]], d.line_width);
    if (closed && n > 2) canvas.line(d.points[line[n - 1]], d.points[line[0]], d.line_width);
  }
}

void draw_box(Canvas& canvas, const Drawing& d) {
  const cv::Point2f a = d.box.tl(), c = d.box.br(), b(c.x, a.y), e(a.x, c.y);
  canvas.line(a, b, d.line_width);
  canvas.line(b, c, d.line_width);
  canvas.line(c, e, d.line_width);
  canvas.line(e, a, d.line_width);
}

/// Above the box, or inside it where the frame ends.
void draw_id(Canvas& canvas, const Drawing& d, const std::string& text, std::uint32_t rgb, float opacity) {
  const float gap = d.text_height / 3 + d.line_width;
  const float above = d.box.y - gap;
  const cv::Point2f at(d.box.x + (above >= d.text_height ? 0 : gap), above >= d.text_height ? above : d.box.y + gap + d.text_height);
  const cv::Size2f size = text_size(text, d.text_height);
  canvas.begin({at.x - 4, at.y - 1.5f * size.height, size.width + 8, 2 * size.height});
  canvas.text(at, text, d.text_height);
  canvas.blend(rgb, opacity);
}

void draw_face(Canvas& canvas, const GstFkpFace& face, const GstFkpScheme* scheme, cv::Point2f scale, const Style& style) {
  const Drawing d = drawing_of(face, scale, style);
  const std::uint32_t rgb = style.color & 0xffffff;
  const float opacity = static_cast<float>(style.color >> 24) / 255 * (face.held ? kHeldOpacity : 1);
  if (style.outline) {
    canvas.begin(around(d.points, d.line_width + 2));
    draw_outlines(canvas, d, scheme);
    canvas.blend(rgb, opacity * kOutlineOpacity);
  }
  if (style.box) {
    canvas.begin(around({d.box.tl(), d.box.br()}, d.line_width + 2));
    draw_box(canvas, d);
    canvas.blend(rgb, opacity);
  }
  if (style.points) {
    canvas.begin(around(d.points, d.radius + 2));
    for (const cv::Point2f& p : d.points) canvas.disc(p, d.radius);
    canvas.blend(rgb, opacity);
  }
  if (style.index) {
    canvas.begin(around(d.points, d.radius + 4 * d.index_height));
    for (std::size_t k = 0; k < d.points.size(); k++)
      canvas.text(d.points[k] + cv::Point2f(d.radius + 1, -d.radius), std::to_string(k), d.index_height);
    canvas.blend(rgb, opacity);
  }
  if (style.id) draw_id(canvas, d, std::to_string(face.id), rgb, opacity);
}

}  // namespace

bool anything_to_draw(const GstFkpMeta* meta, const Style& style) {
  return meta != nullptr && gst_fkp_meta_get_n_faces(meta) > 0 && style.color >> 24 != 0 &&
         (style.points || style.outline || style.box || style.id || style.index);
}

void draw(GstVideoFrame& frame, const GstFkpMeta& meta, const Style& style) {
  Canvas canvas(frame);
  const cv::Point2f scale(static_cast<float>(GST_VIDEO_FRAME_WIDTH(&frame)) / meta.width,
                          static_cast<float>(GST_VIDEO_FRAME_HEIGHT(&frame)) / meta.height);
  for (guint i = 0; i < gst_fkp_meta_get_n_faces(&meta); i++)
    draw_face(canvas, *gst_fkp_meta_get_face(&meta, i), meta.scheme, scale, style);
}

}  // namespace fkp
