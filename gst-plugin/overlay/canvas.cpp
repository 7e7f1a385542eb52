// SPDX-License-Identifier: LGPL-2.1-or-later
#include "canvas.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "frames.h"

namespace fkp {
namespace {

int native(std::uint8_t v) { return v; }
int native(std::uint16_t v) { return GUINT16_FROM_LE(v); }
void store(std::uint8_t& to, int v) { to = static_cast<std::uint8_t>(v); }
void store(std::uint16_t& to, int v) { to = GUINT16_TO_LE(static_cast<std::uint16_t>(v)); }

constexpr int kRowsAhead = 4;

/// A component of a frame, and the value to paint it with.
struct Component {
  std::uint8_t* data;
  std::ptrdiff_t stride, step;  // bytes from one row, or sample, to the next
  int width, height;
  int w_sub, h_sub;  // how many times the size is halved
  int shift;         // unused low bits of a sample
  int value;         // of the paint
  void (*blend)(const Component&, int x, int y, const std::uint16_t* weights, int count);
};

/// Mixes `value` into samples that are `step` bytes apart. 8-bit samples are computed in 16 bits, so that the compiler vectorises the
/// loop if `step` and `count` are constants; (v + v / 256 + 1) / 256 is v / 255.
template <class Sample>
inline void mix(std::uint8_t* at, std::ptrdiff_t step, int shift, int value, const std::uint16_t* weights, int count) {
  using Wide = std::conditional_t<sizeof(Sample) == 1, std::uint16_t, std::uint32_t>;
  for (int i = 0; i < count; i++) {
    auto& sample = *reinterpret_cast<Sample*>(at + i * step);
    const auto sum = static_cast<Wide>((native(sample) >> shift) * (255 - weights[i]) + value * weights[i] + 127);
    const auto mixed = static_cast<Wide>(sizeof(Sample) == 1 ? static_cast<Wide>(sum + (sum >> 8) + 1) >> 8 : sum / 255);
    store(sample, mixed << shift);
  }
}

/// Mixes the paint into `count` samples from (x, y) on, each with its own weight from 0 to 255.
template <class Sample>
void blend(const Component& c, int x, int y, const std::uint16_t* weights, int count) {
  std::uint8_t* at = c.data + y * c.stride + x * c.step;
  // A frame from a decoder is not in a near cache, and a stroke continues in the rows below.
  __builtin_prefetch(at + kRowsAhead * c.stride, 1);
  if (count == Coverage::kCell && c.step == sizeof(Sample) && c.shift == 0)
    mix<Sample>(at, sizeof(Sample), 0, c.value, weights, Coverage::kCell);
  else
    mix<Sample>(at, c.step, c.shift, c.value, weights, count);
}

Component component(GstVideoFrame& frame, guint c, int value) {
  const GstVideoFormatInfo* format = frame.info.finfo;
  // GStreamer 1.22 has a wrong offset for P010's Cr: byte 1, inside Cb.
  const int amiss = format->depth[c] > 8 ? format->poffset[c] % 2 : 0;
  return {static_cast<std::uint8_t*>(GST_VIDEO_FRAME_COMP_DATA(&frame, c)) + amiss,
          GST_VIDEO_FRAME_COMP_STRIDE(&frame, c),
          GST_VIDEO_FRAME_COMP_PSTRIDE(&frame, c),
          GST_VIDEO_FRAME_COMP_WIDTH(&frame, c),
          GST_VIDEO_FRAME_COMP_HEIGHT(&frame, c),
          static_cast<int>(format->w_sub[c]),
          static_cast<int>(format->h_sub[c]),
          static_cast<int>(format->shift[c]),
          value,
          format->depth[c] > 8 ? blend<std::uint16_t> : blend<std::uint8_t>};
}

/// The weights of a cell's samples: the mean coverage of each sample's pixels, times `opacity` / 256.
void weigh(const Coverage& coverage, int cell, int y, const Component& c, int opacity, std::uint16_t* weights) {
  const std::uint8_t *upper = coverage.at(cell, y << c.h_sub), *lower = coverage.at(cell, (y << c.h_sub) + c.h_sub);
  const auto weigh = [&](int sum, int n) { return static_cast<std::uint16_t>(static_cast<std::uint16_t>(sum / n * opacity) >> 8); };
  if (c.w_sub == 0)  // upper and lower are the same row, or two rows
    for (int x = 0; x < Coverage::kCell; x++) weights[x] = weigh(upper[x] + lower[x] + 1, 2);
  else
    for (int x = 0; x < Coverage::kCell / 2; x++, upper += 2, lower += 2)
      weights[x] = weigh(upper[0] + upper[1] + lower[0] + lower[1] + 2, 4);
}

/// The colours' weights over pixels with straight alpha: the paint's share of the resulting alpha. All are from 0 to 255.
void weigh_over(const Component& alpha, int x, int y, const std::uint16_t* weights, int count, std::uint16_t* colours) {
  const std::uint8_t* at = alpha.data + y * alpha.stride + x * alpha.step;
  for (int i = 0; i < count; i++) {
    const int paint = weights[i] * 255, seen = paint + at[i * alpha.step] * (255 - weights[i]);
    colours[i] = static_cast<std::uint16_t>(seen > 0 ? (paint * 255 + seen / 2) / seen : 0);
  }
}

/// Paints components of the same resolution. They have the same weights, except that colours over straight `alpha` have others;
/// `alpha` is the last component, or null.
void paint_alike(const Component* begin, const Component* end, const Coverage& coverage, int opacity, const Component* alpha) {
  const Component& first = *begin;
  const auto [top, bottom] = coverage.rows();
  for (int y = top >> first.h_sub; y < std::min(first.height, (bottom + first.h_sub) >> first.h_sub); y++) {
    coverage.for_each_cell(y << first.h_sub, (y << first.h_sub) + first.h_sub, [&](int cell) {
      std::uint16_t weights[Coverage::kCell], over[Coverage::kCell];
      weigh(coverage, cell, y, first, opacity, weights);
      const int x = (cell * Coverage::kCell) >> first.w_sub, count = std::min(first.width - x, Coverage::kCell >> first.w_sub);
      if (alpha) weigh_over(*alpha, x, y, weights, count, over);
      for (const Component* c = begin; c != end; c++) c->blend(*c, x, y, alpha && c != alpha ? over : weights, count);
    });
  }
}

/// 0xRRGGBB as component values of a frame: red, green, blue, or Y', Cb, Cr by its matrix and range; alpha, if any, is opaque.
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

}  // namespace

Canvas::~Canvas() {
  if (mapped_) gst_video_frame_unmap(&frame_);
}

void Canvas::map() {
  if (mapped_) return;
  if (!gst_video_frame_map(&frame_, &info_, buffer_, GST_MAP_READWRITE)) throw UnmappedFrame();
  mapped_ = true;
}

void Canvas::paint(const Coverage& coverage, std::uint32_t rgb, float opacity) {
  const int of_256 = static_cast<int>(std::lround(std::clamp(opacity, 0.f, 1.f) * 256));
  if (coverage.empty() || of_256 == 0) return;
  map();
  const auto values = in_frame_values(frame_.info, rgb);
  std::array<Component, GST_VIDEO_MAX_COMPONENTS> components{};
  auto* end = components.data();
  for (guint c = 0; c < GST_VIDEO_FRAME_N_COMPONENTS(&frame_); c++) *end++ = component(frame_, c, values[c]);
  // Caps cannot say that alpha is premultiplied, so it is straight.
  const Component* alpha = GST_VIDEO_INFO_HAS_ALPHA(&info_) ? &components[GST_VIDEO_COMP_A] : nullptr;
  // Components with the same subsampling are adjacent: all of red, green and blue, or Cb and Cr.
  for (const Component* begin = components.data(); begin != end;) {
    const Component* other = std::find_if(begin, const_cast<const Component*>(end),
                                          [&](const Component& c) { return c.w_sub != begin->w_sub || c.h_sub != begin->h_sub; });
    paint_alike(begin, other, coverage, of_256, alpha);
    begin = other;
  }
}

}  // namespace fkp
