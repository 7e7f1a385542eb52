// SPDX-License-Identifier: LGPL-2.1-or-later
#include "page/error_face.h"

#include <algorithm>
#include <cmath>

#include "page/page.h"

namespace fkp {
namespace {

constexpr double kSize = 420, kFace = 320, kTop = 60;  // pixels: width of the drawing, side of the face, space above the face
constexpr double kLeft = (kSize - kFace) / 2, kHeight = kTop + kFace + 40;
constexpr double kLegend = 150, kLegendRow = 20;  // pixels, of the parts' names beside the face
constexpr double kLeast = 2.5, kMost = 9;         // radius

struct Place {
  double x, y;
};

Place place_of(const Point& p) { return {kLeft + kFace * static_cast<double>(p.x), kTop + kFace * static_cast<double>(p.y)}; }

constexpr auto n = pixels_text;

/// From green through yellow to red.
std::string color_at(double share) { return "hsl(" + n(130 * (1 - share)) + " 70% 45%)"; }

/// The position of a value between the least and the greatest one, from 0 to 1.
class Scale {
 public:
  explicit Scale(const std::vector<double>& values) {
    for (double v : values)
      if (std::isfinite(v)) {
        low_ = any_ ? std::min(low_, v) : v;
        high_ = any_ ? std::max(high_, v) : v;
        any_ = true;
      }
  }
  double operator()(double value) const { return high_ > low_ ? (value - low_) / (high_ - low_) : 0.5; }
  std::string words() const {
    return any_ ? "from " + percent_text(low_) + " (green) to " + percent_text(high_) + " (red)" : "nothing was measured";
  }

 private:
  bool any_ = false;
  double low_ = 0, high_ = 0;
};

std::string text_at(double x, double y, const std::string& text, const char* more) {
  return "<text x=\"" + n(x) + "\" y=\"" + n(y) + "\"" + more + ">" + escaped(text) + "</text>";
}

std::string head(const ErrorFace& face, const Scale& scale, double width = kSize) {
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"" + n(width) + "\" height=\"" + n(kHeight) +
                    "\" viewBox=\"0 0 " + n(width) + " " + n(kHeight) + "\">" + text_at(14, 20, face.title, " font-weight=\"600\"") +
                    text_at(14, 37, scale.words(), " class=\"soft\"");
  for (const Outline& outline : face.scheme.outlines) {
    std::string path;
    for (int k : outline.points) {
      if (!is_known(face.shape[k])) continue;
      const Place p = place_of(face.shape[k]);
      path.append(path.empty() ? "M" : "L").append(n(p.x)).append(" ").append(n(p.y));
    }
    svg += "<path class=\"grid\" style=\"stroke:var(--soft)\" d=\"" + path + (outline.closed ? "Z" : "") + "\"/>";
  }
  return svg;
}

std::string dot(const Place& p, double share, const std::string& words) {
  return "<circle cx=\"" + n(p.x) + "\" cy=\"" + n(p.y) + "\" r=\"" + n(kLeast + (kMost - kLeast) * share) +
         "\" fill-opacity=\".8\" style=\"fill:" + color_at(share) + "\"><title>" + escaped(words) + "</title></circle>";
}

double mean_of(const std::vector<double>& values, const std::vector<int>& points) {
  double sum = 0;
  int count = 0;
  for (int k : points)
    if (std::isfinite(values[k])) {
      sum += values[k];
      count++;
    }
  return sum / count;  // 0 / 0 is NaN
}

}  // namespace

Points mean_shape(const std::vector<Points>& faces) {
  Points mean(faces.empty() ? 0 : faces[0].size(), Point{0, 0});
  std::vector<int> count(mean.size());
  for (const Points& face : faces) {
    const cv::Rect2f box = face_box(face);
    if (!(box.width > 0)) continue;  // a single known point has no extent
    for (std::size_t k = 0; k < face.size(); k++) {
      if (!is_known(face[k])) continue;
      mean[k].x += (face[k].x - box.x) / box.width;
      mean[k].y += (face[k].y - box.y) / box.height;
      count[k]++;
    }
  }
  for (std::size_t k = 0; k < mean.size(); k++) {
    if (count[k] == 0) mean[k] = unknown_point();
    mean[k].x /= static_cast<float>(count[k]);
    mean[k].y /= static_cast<float>(count[k]);
  }
  return mean;
}

std::string svg_of_points(const ErrorFace& face) {
  const Scale scale(face.values);
  std::string svg = head(face, scale);
  for (std::size_t k = 0; k < face.shape.size(); k++)
    if (is_known(face.shape[k]) && std::isfinite(face.values[k]))
      svg += dot(place_of(face.shape[k]), scale(face.values[k]),
                 std::to_string(k) + " " + face.scheme.point_names[k] + ": " + percent_text(face.values[k]));
  return svg + "</svg>\n";
}

std::string svg_of_parts(const ErrorFace& face) {
  std::vector<double> means;
  for (const Part& part : face.scheme.parts) means.push_back(mean_of(face.values, part.points));
  const Scale scale(means);
  std::string svg = head(face, scale, kSize + kLegend);
  double row = kTop + 10;
  for (std::size_t i = 0; i < means.size(); i++) {
    if (!std::isfinite(means[i])) continue;
    const std::string words = face.scheme.parts[i].name + " " + percent_text(means[i]);
    for (int k : face.scheme.parts[i].points)
      if (is_known(face.shape[k])) svg += dot(place_of(face.shape[k]), scale(means[i]), words);
    svg += dot({kSize, row - 4}, scale(means[i]), words) + text_at(kSize + 16, row, words, "");
    row += kLegendRow;
  }
  return svg + "</svg>\n";
}

}  // namespace fkp
