// SPDX-License-Identifier: LGPL-2.1-or-later
#include "glyphs.h"

#include <vector>

namespace fkp {
namespace {

// Characters are polylines on a grid 4 wide and 6 high, origin top left. No OpenCV font is as legible at a height of 6 pixels,
// or keeps its proportions if pixels are not square.
constexpr float kGridHeight = 6;
constexpr float kSpace = 1.8f;  // between two characters

using Stroke = std::vector<cv::Point2f>;
struct Glyph {
  char character;
  float width;
  std::vector<Stroke> strokes;
};

const std::vector<Glyph>& glyphs() {
  static const std::vector<Glyph> all{
      {'0', 4, {{{1.2f, 0}, {2.8f, 0}, {4, 1.2f}, {4, 4.8f}, {2.8f, 6}, {1.2f, 6}, {0, 4.8f}, {0, 1.2f}, {1.2f, 0}}}},
      {'1', 2, {{{0, 1.4f}, {2, 0}, {2, 6}}}},
      {'2', 4, {{{0, 1.2f}, {1.2f, 0}, {2.8f, 0}, {4, 1.2f}, {4, 2}, {0, 6}, {4, 6}}}},
      {'3', 4, {{{0, 0}, {4, 0}, {2, 2.4f}, {2.8f, 2.4f}, {4, 3.6f}, {4, 4.8f}, {2.8f, 6}, {1.2f, 6}, {0, 4.8f}}}},
      {'4', 4, {{{3.2f, 6}, {3.2f, 0}, {0, 4.4f}, {4, 4.4f}}}},
      {'5', 4, {{{4, 0}, {0.4f, 0}, {0.2f, 2.4f}, {2.8f, 2.4f}, {4, 3.6f}, {4, 4.8f}, {2.8f, 6}, {1.2f, 6}, {0, 4.8f}}}},
      {'6', 4, {{{3.4f, 0}, {1.6f, 0}, {0, 2.2f}, {0, 4.8f}, {1.2f, 6}, {2.8f, 6}, {4, 4.8f}, {4, 3.6f}, {2.8f, 2.4f}, {0, 2.4f}}}},
      {'7', 4, {{{0, 0}, {4, 0}, {1.4f, 6}}}},
      {'8',
       4,
       {{{1.2f, 2.8f}, {0.2f, 1.8f}, {0.2f, 1}, {1.2f, 0}, {2.8f, 0}, {3.8f, 1}, {3.8f, 1.8f}, {2.8f, 2.8f}, {1.2f, 2.8f}},
        {{1.2f, 2.8f}, {0, 4}, {0, 4.8f}, {1.2f, 6}, {2.8f, 6}, {4, 4.8f}, {4, 4}, {2.8f, 2.8f}}}},
      {'9', 4, {{{0.6f, 6}, {2.4f, 6}, {4, 3.8f}, {4, 1.2f}, {2.8f, 0}, {1.2f, 0}, {0, 1.2f}, {0, 2.4f}, {1.2f, 3.6f}, {4, 3.6f}}}},
      {'#', 4, {{{1.4f, 0.6f}, {0.8f, 5.4f}}, {{3.2f, 0.6f}, {2.6f, 5.4f}}, {{0, 2}, {4, 2}}, {{0, 4}, {4, 4}}}},
      {'.', 0.8f, {{{0.4f, 5.8f}, {0.4f, 5.9f}}}},
      {' ', 1.4f, {}},
  };
  return all;
}

const Glyph* find(char character) {
  for (const Glyph& glyph : glyphs())
    if (glyph.character == character) return &glyph;
  return nullptr;
}

}  // namespace

float text_width(const std::string& text, float height) {
  float width = 0;
  for (const char c : text)
    if (const Glyph* glyph = find(c)) width += glyph->width + kSpace;
  return (width - kSpace) * height / kGridHeight;
}

void write(Coverage& coverage, const std::string& text, cv::Point2f at, float height, float stroke) {
  const float scale = height / kGridHeight, across = scale / coverage.pixel_aspect();
  for (const char c : text) {
    const Glyph* glyph = find(c);
    if (glyph == nullptr) continue;
    const auto placed = [&](cv::Point2f p) { return at + cv::Point2f(p.x * across, (p.y - kGridHeight) * scale); };
    for (const Stroke& line : glyph->strokes)
      for (std::size_t i = 1; i < line.size(); i++) coverage.line(placed(line[i - 1]), placed(line[i]), stroke);
    at.x += (glyph->width + kSpace) * across;
  }
}

}  // namespace fkp
