// SPDX-License-Identifier: LGPL-2.1-or-later
#include "canvas.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "fkp/core/error.h"

namespace fkp {
namespace {

// Most of a touched row lies between strokes.
bool eight_empty(const std::uint8_t* mask) {
  std::uint64_t eight = 0;
  std::memcpy(&eight, mask, sizeof eight);
  return eight == 0;
}

/// Means of a × b blocks of two rows, which are the same row where only columns are subsampled, from `first` until before `last`.
void reduce(const std::uint8_t* upper, const std::uint8_t* lower, int columns, int first, int last, std::uint8_t* reduced) {
  const int right = columns - 1;
  for (int x = first; x < last; x++) {
    const std::uint8_t *a = upper + x * columns, *b = lower + x * columns;
    reduced[x] = static_cast<std::uint8_t>((a[0] + a[right] + b[0] + b[right] + 2) / 4);
  }
}

int native(std::uint8_t v) { return v; }
int native(std::uint16_t v) { return GUINT16_FROM_LE(v); }
void store(std::uint8_t& to, int v) { to = static_cast<std::uint8_t>(v); }
void store(std::uint16_t& to, int v) { to = GUINT16_TO_LE(static_cast<std::uint16_t>(v)); }

/// How one component's samples lie in a row, and what they are to become.
struct Paint {
  int step;     // bytes from a sample to the next
  int shift;    // unused bits below the value
  int value;    // of the paint
  int opacity;  // in [0, 256]
};

template <class Sample>
void blend_row(std::uint8_t* row, const Paint& paint, const std::uint8_t* mask, int count) {
  for (int x = 0; x < count;) {
    if (x + 8 <= count && eight_empty(mask + x)) {
      x += 8;
      continue;
    }
    auto& sample = *reinterpret_cast<Sample*>(row + static_cast<std::ptrdiff_t>(x) * paint.step);
    const int weight = mask[x] * paint.opacity / 256;
    const int mixed = ((native(sample) >> paint.shift) * (255 - weight) + paint.value * weight + 127) / 255;
    store(sample, mixed << paint.shift);
    x++;
  }
}

}  // namespace

Canvas::~Canvas() {
  if (mapped_) gst_video_frame_unmap(&frame_);
}

void Canvas::map() {
  if (mapped_) return;
  if (!gst_video_frame_map(&frame_, &info_, buffer_, GST_MAP_READWRITE))
    throw Error(ErrorKind::unwritable, "The frame cannot be drawn into: its memory cannot be mapped for writing.");
  mapped_ = true;
  reduced_.resize(GST_VIDEO_FRAME_WIDTH(&frame_));
}

void Canvas::paint(const Coverage& coverage, std::uint32_t rgb, float opacity) {
  const int weight = static_cast<int>(std::lround(std::clamp(opacity, 0.f, 1.f) * 256));
  if (coverage.empty() || weight == 0) return;
  map();
  const auto values = in_frame_values(frame_.info, rgb);
  const GstVideoFormatInfo* format = frame_.info.finfo;
  for (guint c = 0; c < GST_VIDEO_FRAME_N_COMPONENTS(&frame_); c++) {
    const int w_sub = format->w_sub[c], h_sub = format->h_sub[c];
    const int width = GST_VIDEO_FRAME_COMP_WIDTH(&frame_, c), height = GST_VIDEO_FRAME_COMP_HEIGHT(&frame_, c);
    const Paint paint{GST_VIDEO_FRAME_COMP_PSTRIDE(&frame_, c), static_cast<int>(format->shift[c]), values[c], weight};
    const auto blend = format->depth[c] > 8 ? blend_row<std::uint16_t> : blend_row<std::uint8_t>;
    auto* data = GST_VIDEO_FRAME_COMP_DATA(&frame_, c);
    const auto stride = static_cast<std::ptrdiff_t>(GST_VIDEO_FRAME_COMP_STRIDE(&frame_, c));
    const auto [top, bottom] = coverage.rows();
    for (int y = top >> h_sub; y < std::min(height, (bottom + h_sub) >> h_sub); y++) {
      const int upper = y << h_sub, lower = upper + h_sub;
      const int left = std::min(coverage.span(upper).first, coverage.span(lower).first) >> w_sub;
      const int right = std::min(width, (std::max(coverage.span(upper).last, coverage.span(lower).last) + w_sub) >> w_sub);
      if (left >= right) continue;
      const std::uint8_t* mask = coverage.row(upper);
      if (w_sub != 0 || h_sub != 0) {
        reduce(mask, coverage.row(lower), 1 << w_sub, left, right, reduced_.data());
        mask = reduced_.data();
      }
      blend(data + y * stride + static_cast<std::ptrdiff_t>(left) * paint.step, paint, mask + left, right - left);
    }
  }
}

std::array<int, GST_VIDEO_MAX_COMPONENTS> in_frame_values(const GstVideoInfo& info, std::uint32_t rgb) {
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
  std::array<int, GST_VIDEO_MAX_COMPONENTS> values{};
  for (std::size_t c = 0; c < GST_VIDEO_INFO_N_COMPONENTS(&info); c++)
    values[c] = std::clamp(static_cast<int>(std::lround(offset[c] + parts[c] * scale[c])), 0, (1 << info.finfo->depth[c]) - 1);
  return values;
}

}  // namespace fkp
