// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/scenes.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "data/clutter.h"
#include "data/derive.h"

namespace fkp {
namespace {

constexpr float kWhole = 0.5f;     // least visible share of a face's box for it to count as a face
constexpr float kTraces = 0.1f;    // visible share below which a face is disregarded
constexpr float kTooSmall = 5;     // pixels: smaller faces cannot be told from anything else
constexpr float kFilled = 0.7f;    // of a tile's side: a smaller picture splits the tile
constexpr int kLeastTile = 48;     // pixels
constexpr float kCloseUp = 0.25f;  // of a scene's side: least size of a close-up's face
constexpr float kMargin = 0.3f;    // of the face's size: least distance of its centre from the tile's edge

// A detector's box relative to its points' extent. Medians over 259 faces of the set `faces` that are in 300-W's training parts, too, found
// by matching pictures; standard deviations .04, .07, .05 and .09.
constexpr float kLeft = 0.007f, kTop = -0.33f, kWidth = 0.972f, kHeight = 1.328f;

/// The square around which a tile is placed and by which it is scaled: one of the picture's faces, or a random one.
cv::Rect2f anchor_of(const Picture& picture, double background, Rng& rng) {
  if (!picture.faces.empty() && !chance(rng, background)) return any_of(rng, picture.faces);
  const auto w = static_cast<float>(picture.grey.cols), h = static_cast<float>(picture.grey.rows);
  const float side = std::exp(uniform(rng, std::log(12.f), std::log(std::max(24.f, std::min(w, h) / 2))));
  return {uniform(rng, 0, w) - side / 2, uniform(rng, 0, h) - side / 2, side, side};
}

/// Maps a picture to the scene.
struct Placement {
  cv::Matx23f map;
  float scale = 1, angle = 0;
  bool mirrored = false;

  /// The box around the rotated face, taken as an ellipse rather than a rectangle.
  cv::Rect2f box(const cv::Rect2f& face) const {
    const Point c = transformed(map, {face.x + face.width / 2, face.y + face.height / 2});
    const float cos = std::cos(angle) * scale, sin = std::sin(angle) * scale;
    const float w = std::hypot(face.width * cos, face.height * sin), h = std::hypot(face.width * sin, face.height * cos);
    return {c.x - w / 2, c.y - h / 2, w, h};
  }
};

Placement place(const cv::Rect2f& anchor, const cv::Rect2f& tile, const SceneSpec& spec, const Augment& augment, Rng& rng) {
  Placement p;
  const float least = std::log(spec.smallest), most = std::max(least, std::log(spec.largest * tile.width));
  const float anchor_size = std::max(size_of(anchor), 1.f);
  p.scale = std::min(std::exp(uniform(rng, least, most)) / anchor_size, spec.zoom);
  p.angle = random_angle(augment, rng);
  p.mirrored = augment.mirror && chance(rng, 0.5);
  const float c = std::cos(p.angle) * p.scale, s = std::sin(p.angle) * p.scale, flip = p.mirrored ? -1.f : 1.f;
  const cv::Point2f from(anchor.x + anchor.width / 2, anchor.y + anchor.height / 2);
  const auto inside = [&](float low, float side) {
    const float margin = std::min(kMargin * p.scale * anchor_size, side / 2);
    return low + uniform(rng, margin, side - margin + 1e-3f);
  };
  const cv::Point2f to(inside(tile.x, tile.width), inside(tile.y, tile.height));
  p.map = {c * flip, -s, to.x - c * flip * from.x + s * from.y, s * flip, c, to.y - s * flip * from.x - c * from.y};
  return p;
}

void paint(cv::Mat& tile, cv::Point2f where, const cv::Mat& grey, const Placement& p) {
  cv::Mat pixels = grey;
  cv::Matx23f map = p.map;
  const int shrink = std::min({static_cast<int>(1 / p.scale), grey.cols, grey.rows});
  if (shrink >= 2) {  // by area first, as the runtime does: bilinear sampling alone would alias
    cv::resize(grey({0, 0, grey.cols - grey.cols % shrink, grey.rows - grey.rows % shrink}), pixels, {}, 1.0 / shrink, 1.0 / shrink,
               cv::INTER_AREA);
    const auto k = static_cast<float>(shrink);
    for (int r = 0; r < 2; r++) {
      map(r, 2) += (map(r, 0) + map(r, 1)) * (k - 1) / 2;
      map(r, 0) *= k;
      map(r, 1) *= k;
    }
  }
  map(0, 2) -= where.x;
  map(1, 2) -= where.y;
  cv::warpAffine(pixels, tile, map, tile.size(), cv::INTER_LINEAR, cv::BORDER_TRANSPARENT);
}

/// Adds the faces of a tile's picture to the scene, as faces or as ignored boxes.
void add_faces(Scene& scene, const Picture& picture, const Placement& p, const cv::Rect2f& tile, const Scheme& scheme) {
  for (std::size_t i = 0; i < picture.faces.size(); i++) {
    const cv::Rect2f box = p.box(picture.faces[i]), seen = box & tile;
    const float share = seen.area() / std::max(box.area(), 1e-3f);
    if (share < kTraces) continue;
    if (share < kWhole || size_of(seen) < kTooSmall) {
      scene.ignored.push_back(seen);
      continue;
    }
    SceneFace face{seen, {}};
    const Points known = i < picture.points.size() ? picture.points[i] : Points();
    for (std::size_t k = 0; k < known.size(); k++)
      face.points.push_back(transformed(p.map, known[p.mirrored ? static_cast<std::size_t>(scheme.mirror[k]) : k]));
    scene.faces.push_back(std::move(face));
  }
}

/// An occluder in front of a face: more often of its lower half, like hands, cups and masks.
void hide(Scene& scene, Rng& rng) {
  if (scene.faces.empty()) return;
  const cv::Rect2f box = any_of(rng, scene.faces).box;
  const float w = box.width * uniform(rng, 0.2f, 0.9f), h = box.height * uniform(rng, 0.2f, 0.5f);
  const cv::Rect2f part(box.x + uniform(rng, 0, box.width - w), box.y + uniform(rng, chance(rng, 0.5) ? box.height / 3 : 0, box.height - h),
                        w, h);
  const cv::Rect inside = cv::Rect(part) & cv::Rect({}, scene.pixels.size());
  if (inside.empty()) return;
  fill_with_texture(scene.pixels(inside), rng);
}

Scene one_scene(const std::function<Source(Rng&)>& draw, const SceneSpec& spec, const Augment& augment, const Scheme& scheme, int size,
                Rng& rng) {
  Scene scene;
  scene.pixels = texture(size, rng);
  const std::function<void(const cv::Rect&)> fill = [&](const cv::Rect& pixels) {
    if (chance(rng, spec.clutter)) {
      clutter(pixels.width, rng).copyTo(scene.pixels(pixels));
      return;
    }
    const Source source = draw(rng);
    const cv::Mat& grey = source.picture->grey;
    const cv::Rect2f tile(static_cast<float>(pixels.x) - 0.5f, static_cast<float>(pixels.y) - 0.5f, static_cast<float>(pixels.width),
                          static_cast<float>(pixels.height));
    const Placement p = place(anchor_of(*source.picture, spec.background, rng), tile, spec, augment, rng);
    const float covered = p.scale * std::sqrt(static_cast<float>(grey.cols) * static_cast<float>(grey.rows));
    if (covered < kFilled * tile.width && pixels.width >= 2 * kLeastTile) {
      const cv::Size half(pixels.width / 2, pixels.height / 2);
      for (int i = 0; i < 4; i++) fill({pixels.x + i % 2 * half.width, pixels.y + i / 2 * half.height, half.width, half.height});
      return;
    }
    cv::Mat part = scene.pixels(pixels);
    paint(part, cv::Point2f(pixels.tl()), grey, p);
    add_faces(scene, *source.picture, p, tile, scheme);
    if (source.unlabelled > 0) scene.unlabelled.push_back({tile, source.unlabelled * p.scale});
  };
  fill({0, 0, size, size});
  Augment light = augment;
  light.resample = light.erase = 0;  // they are for crops of one face
  if (chance(rng, augment.erase)) hide(scene, rng);
  spoil(scene.pixels, light, rng);
  return scene;
}

/// Copies `part` into `scene` at `at`.
void put(Scene& scene, Scene part, cv::Point at) {
  part.pixels.copyTo(scene.pixels({at, part.pixels.size()}));
  const cv::Point2f shift = at;
  for (SceneFace& face : part.faces) {
    face.box += shift;
    for (Point& p : face.points) p.x += shift.x, p.y += shift.y;
    scene.faces.push_back(std::move(face));
  }
  for (const cv::Rect2f& r : part.ignored) scene.ignored.push_back(r + shift);
  for (const Unlabelled& u : part.unlabelled) scene.unlabelled.push_back({u.where + shift, u.largest});
}

}  // namespace

Scene make_scene(const std::function<Source(Rng&)>& draw, const SceneSpec& spec, const Augment& augment, const Scheme& scheme, int size,
                 Rng& rng) {
  if (spec.close_ups == 0) return one_scene(draw, spec, augment, scheme, size, rng);
  if (chance(rng, spec.close_ups)) {
    SceneSpec close = spec;
    close.smallest = kCloseUp * static_cast<float>(size);
    return one_scene(draw, close, augment, scheme, size, rng);
  }
  Scene scene;
  scene.pixels.create(size, size, CV_8UC1);
  const int half = size / 2;
  for (const cv::Point at : {cv::Point(0, 0), cv::Point(half, 0), cv::Point(0, half), cv::Point(half, half)})
    put(scene, one_scene(draw, spec, augment, scheme, half, rng), at);
  return scene;
}

cv::Rect2f detector_box(const Points& points68) {
  cv::Point2f low(1e9f, 1e9f), high(-1e9f, -1e9f);
  for (const Point& p : points68) {
    low = {std::min(low.x, p.x), std::min(low.y, p.y)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y)};
  }
  const cv::Point2f extent = high - low;
  return {low.x + kLeft * extent.x, low.y + kTop * extent.y, kWidth * extent.x, kHeight * extent.y};
}

cv::Rect2f square_in(const cv::Rect2f& box) {
  const cv::Size2f extent(box.width / kWidth, box.height / kHeight);
  const float side = std::max(extent.width, extent.height);
  const cv::Point2f center(box.x + (0.5f - kLeft) * extent.width, box.y + (0.5f - kTop) * extent.height);
  return {center.x - side / 2, center.y - side / 2, side, side};
}

Picture boxed(const Sample& sample68) {
  return {sample68.picture,
          sample68.group,
          sample68.grey,
          {detector_box(sample68.points)},
          {taken(sample68.points, points_taken("ibug-68", "mtfl-5"))},
          {face_box(sample68.points)}};
}

}  // namespace fkp
