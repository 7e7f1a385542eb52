// SPDX-License-Identifier: LGPL-2.1-or-later
#include "canvas.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <opencv2/imgproc.hpp>

namespace fkp {
namespace {

constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;
constexpr float kCapitalHeight = 21;  // pixels of this font's capitals at scale 1

int even_below(float v) { return static_cast<int>(std::floor(v / 2)) * 2; }

/// Lays `value` over a row of samples `step` bytes apart, as far as the mask says. `opacity` in [0, 256].
void blend_row(std::uint8_t* row, int step, const std::uint8_t* mask, int count, int value, int opacity) {
  for (int x = 0; x < count;) {
    std::uint64_t eight = 0;
    if (x + 8 <= count && (std::memcpy(&eight, mask + x, 8), eight == 0)) {
      x += 8;
      continue;
    }
    std::uint8_t& sample = row[static_cast<std::ptrdiff_t>(x) * step];
    const int weight = mask[x] * opacity / 256;
    sample = static_cast<std::uint8_t>((sample * (255 - weight) + value * weight + 127) / 255);
    x++;
  }
}

float text_scale(float height) { return height / kCapitalHeight; }
int text_thickness(float height) { return std::max(1, cvRound(height / 12)); }

}  // namespace

void Canvas::begin(const cv::Rect2f& extent) {
  region_ = {};
  mask_.release();
  if (!std::isfinite(extent.x + extent.y + extent.width + extent.height)) return;
  // Clamped as floats, because a wild coordinate does not fit an int. The upper bounds are exclusive.
  const float width = static_cast<float>(GST_VIDEO_FRAME_WIDTH(&frame_)), height = static_cast<float>(GST_VIDEO_FRAME_HEIGHT(&frame_));
  const int left = even_below(std::clamp(extent.x, 0.f, width)), top = even_below(std::clamp(extent.y, 0.f, height));
  const int right = even_below(std::clamp(extent.x + extent.width, 0.f, width) + 1.999f);
  const int bottom = even_below(std::clamp(extent.y + extent.height, 0.f, height) + 1.999f);
  region_ = {left, top, std::max(0, right - left), std::max(0, bottom - top)};
  mask_.create(region_.size(), CV_8UC1);
  mask_.setTo(0);
}

void Canvas::disc(cv::Point2f center, float radius) { line(center, center, 2 * radius); }

void Canvas::line(cv::Point2f from, cv::Point2f to, float width) {
  const cv::Point2f a(from.x - region_.x, from.y - region_.y), b(to.x - region_.x, to.y - region_.y), along = b - a;
  const float length2 = along.dot(along), reach = width / 2 + 0.5f;
  if (!(length2 < 1e12f)) return;  // not a number, or far outside
  const auto clipped = [](float v, int end) { return static_cast<int>(std::clamp(v, 0.f, static_cast<float>(end))); };
  const int top = clipped(std::ceil(std::min(a.y, b.y) - reach), mask_.rows);
  const int bottom = clipped(std::floor(std::max(a.y, b.y) + reach) + 1, mask_.rows);
  for (int y = top; y < bottom; y++) {
    // The part of the line that comes near this row bounds the pixels to look at.
    float first = 0, last = 1;
    if (std::abs(along.y) > 1e-3f) {
      const float t0 = (y - reach - a.y) / along.y, t1 = (y + reach - a.y) / along.y;
      first = std::clamp(std::min(t0, t1), 0.f, 1.f);
      last = std::clamp(std::max(t0, t1), 0.f, 1.f);
    }
    const float x0 = a.x + along.x * first, x1 = a.x + along.x * last;
    const int left = clipped(std::ceil(std::min(x0, x1) - reach), mask_.cols);
    const int right = clipped(std::floor(std::max(x0, x1) + reach) + 1, mask_.cols);
    std::uint8_t* row = mask_.ptr(y);
    for (int x = left; x < right; x++) {
      const cv::Point2f p(x - a.x, y - a.y);
      const float t = length2 > 0 ? std::clamp(p.dot(along) / length2, 0.f, 1.f) : 0;
      const cv::Point2f off = p - along * t;
      const float coverage = std::clamp(reach - std::sqrt(off.dot(off)), 0.f, 1.f);
      row[x] = std::max(row[x], static_cast<std::uint8_t>(std::lround(coverage * 255)));
    }
  }
}

void Canvas::text(cv::Point2f at, const std::string& text, float height) {
  if (mask_.empty() || !(std::abs(at.x) < 1e6f && std::abs(at.y) < 1e6f)) return;
  const cv::Point origin(cvRound(at.x) - region_.x, cvRound(at.y) - region_.y);
  cv::putText(mask_, text, origin, kFont, text_scale(height), cv::Scalar(255), text_thickness(height), cv::LINE_AA);
}

void Canvas::blend(std::uint32_t rgb, float opacity) {
  if (mask_.empty()) return;
  const auto values = in_frame_values(frame_.info, rgb);
  const int weight = cvRound(std::clamp(opacity, 0.f, 1.f) * 256);
  const GstVideoFormatInfo* format = frame_.info.finfo;
  cv::Mat reduced;
  for (guint c = 0; c < GST_VIDEO_FRAME_N_COMPONENTS(&frame_); c++) {
    const int half_x = format->w_sub[c], half_y = format->h_sub[c];
    const cv::Size size(mask_.cols >> half_x, mask_.rows >> half_y);
    if (size == mask_.size())
      reduced = mask_;
    else if (reduced.size() != size)
      cv::resize(mask_, reduced = cv::Mat(), size, 0, 0, cv::INTER_AREA);
    const int left = region_.x >> half_x, top = region_.y >> half_y;
    const int count = std::min(size.width, GST_VIDEO_FRAME_COMP_WIDTH(&frame_, c) - left);
    const int rows = std::min(size.height, GST_VIDEO_FRAME_COMP_HEIGHT(&frame_, c) - top);
    const int step = GST_VIDEO_FRAME_COMP_PSTRIDE(&frame_, c), stride = GST_VIDEO_FRAME_COMP_STRIDE(&frame_, c);
    auto* data = GST_VIDEO_FRAME_COMP_DATA(&frame_, c);
    for (int y = 0; y < rows; y++)
      blend_row(data + static_cast<std::ptrdiff_t>(top + y) * stride + static_cast<std::ptrdiff_t>(left) * step, step, reduced.ptr(y),
                count, values[c], weight);
  }
}

cv::Size2f text_size(const std::string& text, float height) {
  const cv::Size size = cv::getTextSize(text, kFont, text_scale(height), text_thickness(height), nullptr);
  return {static_cast<float>(size.width), height};
}

std::array<std::uint8_t, GST_VIDEO_MAX_COMPONENTS> in_frame_values(const GstVideoInfo& info, std::uint32_t rgb) {
  const double r = (rgb >> 16 & 255) / 255.0, g = (rgb >> 8 & 255) / 255.0, b = (rgb & 255) / 255.0;
  std::array<double, GST_VIDEO_MAX_COMPONENTS> parts{r, g, b, 1};
  if (!GST_VIDEO_INFO_IS_RGB(&info)) {
    double kr = 0, kb = 0;
    if (!gst_video_color_matrix_get_Kr_Kb(info.colorimetry.matrix, &kr, &kb))
      gst_video_color_matrix_get_Kr_Kb(GST_VIDEO_COLOR_MATRIX_BT601, &kr, &kb);
    const double luma = kr * r + (1 - kr - kb) * g + kb * b;
    parts = {luma, (b - luma) / (2 * (1 - kb)), (r - luma) / (2 * (1 - kr)), 1};
  }
  gint offset[GST_VIDEO_MAX_COMPONENTS], scale[GST_VIDEO_MAX_COMPONENTS];
  gst_video_color_range_offsets(info.colorimetry.range, info.finfo, offset, scale);
  std::array<std::uint8_t, GST_VIDEO_MAX_COMPONENTS> values{};
  for (std::size_t c = 0; c < values.size(); c++) values[c] = cv::saturate_cast<std::uint8_t>(offset[c] + parts[c] * scale[c]);
  return values;
}

}  // namespace fkp
