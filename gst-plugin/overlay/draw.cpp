// SPDX-License-Identifier: LGPL-2.1-or-later
#include "draw.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "fkp/core/geometry.h"
#include "glyphs.h"

namespace fkp {
namespace {

// Chosen by eye on faces of 40 to 1000 pixels: dots stay apart on the small ones and visible on the large ones.
constexpr float kRadius = 1 / 130.f;                                   // of the face box's side
constexpr float kLineToRadius = 0.7f;                                  // lines are finer than dots, and lie under them
constexpr float kLeastRadius = 1, kMostRadius = 6, kLeastLine = 0.8f;  // pixels
constexpr float kOutlineOpacity = 0.6f;
constexpr float kHeldOpacity = 0.4f;
constexpr float kHaloOpacity = 0.6f;

struct Text {
  std::string text;
  cv::Point2f at;
};

std::uint32_t contrast(std::uint32_t rgb) {
  const unsigned luma = 299 * (rgb >> 16 & 255) + 587 * (rgb >> 8 & 255) + 114 * (rgb & 255);
  return luma > 255 * 450 ? 0x000000 : 0xffffff;
}

/// "0.98", independent of the locale.
std::string two_digits(float score) {
  const long hundredths = std::isfinite(score) ? std::lround(std::clamp(score, 0.f, 1.f) * 100) : 0;
  return std::to_string(hundredths / 100) + (hundredths % 100 < 10 ? ".0" : ".") + std::to_string(hundredths % 100);
}

/// Draws one face on a canvas; all coordinates are pixels of the frame.
class Drawing {
 public:
  Drawing(Canvas& canvas, Coverage& coverage, cv::Size size, cv::Point2f scale, const GstFkpFace& face, const Style& style);

  void outlines(const GstFkpScheme* scheme);
  void box();
  void points();
  void indices();
  void label(const std::string& text);

 private:
  void paint(float opacity = 1) { paint(rgb_, opacity); }
  void paint(std::uint32_t rgb, float opacity) {
    canvas_.paint(coverage_, rgb, opacity_ * opacity);
    coverage_.clear();
  }
  void write(const std::vector<Text>& texts, float height);

  Canvas& canvas_;
  Coverage& coverage_;
  cv::Size size_;
  std::vector<cv::Point2f> points_;
  cv::Rect2f box_;
  float side_ = 0, radius_ = 0, line_width_ = 0;  // in pixel heights
  std::uint32_t rgb_;
  float opacity_;
};

Drawing::Drawing(Canvas& canvas, Coverage& coverage, cv::Size size, cv::Point2f scale, const GstFkpFace& face, const Style& style)
    : canvas_(canvas),
      coverage_(coverage),
      size_(size),
      rgb_(style.color & 0xffffff),
      opacity_(static_cast<float>(style.color >> 24) / 255 * (face.held ? kHeldOpacity : 1)) {
  points_.reserve(face.n_points);
  for (guint k = 0; k < face.n_points; k++) points_.push_back(scaled(cv::Point2f(face.points[k].x, face.points[k].y), scale));
  box_ = scaled(cv::Rect2f(face.x, face.y, face.width, face.height), scale);
  side_ = std::isfinite(box_.height) ? box_.height : 0;
  const float radius = std::clamp(side_ * kRadius, kLeastRadius, kMostRadius);
  radius_ = style.radius > 0 ? style.radius : radius;
  line_width_ = style.line_width > 0 ? style.line_width : std::max(kLeastLine, radius * kLineToRadius);
}

void Drawing::outlines(const GstFkpScheme* scheme) {
  for (guint i = 0; i < gst_fkp_scheme_get_n_outlines(scheme); i++) {
    guint n = 0;
    gboolean closed = FALSE;
    const gint* line = gst_fkp_scheme_get_outline(scheme, i, &n, &closed);
    for (guint k = 1; k < n; k++) coverage_.line(points_[line[k - 1]], points_[line[k]], line_width_);
    if (closed && n > 2) coverage_.line(points_[line[n - 1]], points_[line[0]], line_width_);
  }
  paint(kOutlineOpacity);
}

void Drawing::box() {
  const cv::Point2f a = box_.tl(), c = box_.br(), b(c.x, a.y), d(a.x, c.y);
  coverage_.line(a, b, line_width_);
  coverage_.line(b, c, line_width_);
  coverage_.line(c, d, line_width_);
  coverage_.line(d, a, line_width_);
  paint();
}

void Drawing::points() {
  for (const cv::Point2f& p : points_) coverage_.disc(p, radius_);
  paint();
}

/// Writes each point's number beside it, at the first of four positions where it covers no other number. If there is none, the number
/// is left out.
void Drawing::indices() {
  const float height = std::clamp(side_ / 60, 6.f, 14.f), across = 1 / coverage_.pixel_aspect();
  const cv::Point2f gap((radius_ + 1.5f) * across, std::max(radius_, 1.f));
  std::vector<Text> texts;
  std::vector<cv::Rect2f> taken;
  for (std::size_t k = 0; k < points_.size(); k++) {
    const std::string text = std::to_string(k);
    const float width = text_width(text, height) * across;
    const float right = gap.x, left = -gap.x - width, above = -gap.y, below = gap.y + height;
    for (const cv::Point2f side : {cv::Point2f(right, above), {right, below}, {left, above}, {left, below}}) {
      const cv::Point2f at = points_[k] + side;
      const cv::Rect2f covered(at.x - 1, at.y - height - 1, width + 2, height + 2);
      if (std::any_of(taken.begin(), taken.end(), [&](const cv::Rect2f& other) { return (covered & other).area() > 0; })) continue;
      texts.push_back({text, at});
      taken.push_back(covered);
      break;
    }
  }
  write(texts, height);
}

/// Writes the label above the box, or inside it if the frame ends there, and never beyond the frame's left and right edges.
void Drawing::label(const std::string& text) {
  const cv::Rect2f frame(0, 0, static_cast<float>(size_.width), static_cast<float>(size_.height));
  if (!((box_ & frame).area() > 0)) return;  // outside, or not a number
  const float height = std::clamp(side_ / 14, 10.f, 40.f), gap = height / 3 + line_width_;
  const float across = 1 / coverage_.pixel_aspect(), width = text_width(text, height) * across;
  const bool above = box_.y - gap >= height;
  const float x = above ? box_.x : box_.x + gap * across, y = above ? box_.y - gap : std::max(box_.y, 0.f) + gap + height;
  write({{text, {std::max(std::min(x, frame.width - width - gap), gap), y}}}, height);
}

/// Writes with a halo, so that the text can be read on any background.
void Drawing::write(const std::vector<Text>& texts, float height) {
  const float stroke = std::max(1.f, height / 9), halo = stroke + std::max(2.f, height / 5);
  for (const Text& t : texts) fkp::write(coverage_, t.text, t.at, height, halo);
  paint(contrast(rgb_), kHaloOpacity);
  for (const Text& t : texts) fkp::write(coverage_, t.text, t.at, height, stroke);
  paint();
}

}  // namespace

bool anything_to_draw(const GstFkpMeta* meta, const Style& style) {
  return meta != nullptr && gst_fkp_meta_get_n_faces(meta) > 0 && style.color >> 24 != 0 && style.show != 0;
}

void draw(Canvas& canvas, Coverage& coverage, cv::Size size, const GstFkpMeta& meta, const Style& style) {
  const cv::Point2f scale(static_cast<float>(size.width) / static_cast<float>(meta.width),
                          static_cast<float>(size.height) / static_cast<float>(meta.height));
  for (guint i = 0; i < gst_fkp_meta_get_n_faces(&meta); i++) {
    const GstFkpFace& face = *gst_fkp_meta_get_face(&meta, i);
    Drawing drawing(canvas, coverage, size, scale, face, style);
    if (style.show & kOutline) drawing.outlines(meta.scheme);
    if (style.show & kBox) drawing.box();
    if (style.show & kPoints) drawing.points();
    if (style.show & kIndex) drawing.indices();
    std::string label;
    if (style.show & kId) label = "#" + std::to_string(face.id);
    if (style.show & kScore) label += (label.empty() ? "" : " ") + two_digits(face.score);
    if (!label.empty()) drawing.label(label);
  }
}

}  // namespace fkp
