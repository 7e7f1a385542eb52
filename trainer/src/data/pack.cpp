// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/pack.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "whole_file.h"

namespace fkp {
namespace {

/// The part of a sample's picture that is stored, with the points transformed accordingly.
Sample cropped(Sample sample, const PackOptions& options) {
  const cv::Rect2f face = sample.box();
  const float half = std::max(face.width, 1.f) * options.margin / 2;
  const cv::Point2f center(face.x + face.width / 2, face.y + face.height / 2);
  const cv::Rect all({}, sample.grey.size());
  cv::Rect kept =
      cv::Rect(cv::Point(cvFloor(center.x - half), cvFloor(center.y - half)), cv::Point(cvCeil(center.x + half), cvCeil(center.y + half))) &
      all;
  if (options.whole_picture || kept.empty()) kept = all;  // empty if the points lie outside the picture
  sample.grey = sample.grey(kept).clone();
  const float scale = options.side > 0 ? static_cast<float>(options.side) / std::max(face.width, 1.f) : 1;
  const cv::Size before = kept.size();
  if (scale < 1) cv::resize(sample.grey, sample.grey, {}, scale, scale, cv::INTER_AREA);
  const cv::Point2f by(static_cast<float>(sample.grey.cols) / static_cast<float>(before.width),
                       static_cast<float>(sample.grey.rows) / static_cast<float>(before.height));
  const cv::Point2f corner(kept.tl());
  for (Point& p : sample.points) p = scaled(Point{p.x - corner.x, p.y - corner.y, p.confidence}, by);
  if (sample.face.width > 0) sample.face = scaled(sample.face - corner, by);
  for (cv::Rect2f& other : sample.others) other = scaled(other - corner, by);
  return sample;
}

nlohmann::ordered_json json_of(const cv::Rect2f& box) { return {box.x, box.y, box.width, box.height}; }

nlohmann::ordered_json json_of(const Points& points) {
  auto list = nlohmann::ordered_json::array();
  for (const Point& p : points) {
    if (is_known(p))
      list.push_back({p.x, p.y});
    else
      list.push_back(nullptr);
  }
  return list;
}

}  // namespace

void write_pack(const Dataset& data, const Scheme& scheme, const PackOptions& options, const std::filesystem::path& file) {
  nlohmann::ordered_json head{{"scheme", nlohmann::ordered_json::parse(to_json(scheme))},
                              {"faces", nlohmann::ordered_json::array()},
                              {"refused", nlohmann::ordered_json::array()}};
  std::string pictures;
  for (const Sample& original : data.samples) {
    const Sample sample = cropped(original, options);
    std::vector<std::uint8_t> bytes;
    cv::imencode(options.quality > 0 ? ".jpg" : ".png", sample.grey, bytes,
                 options.quality > 0 ? std::vector<int>{cv::IMWRITE_JPEG_QUALITY, options.quality} : std::vector<int>{});
    nlohmann::ordered_json face{
        {"picture", sample.picture}, {"group", sample.group}, {"points", json_of(sample.points)}, {"bytes", bytes.size()}};
    if (sample.face.width > 0) face["face"] = json_of(sample.face);
    for (const cv::Rect2f& other : sample.others) face["others"].push_back(json_of(other));
    head["faces"].push_back(std::move(face));
    pictures.append(bytes.begin(), bytes.end());
  }
  for (const Refusal& r : data.refused) head["refused"].push_back({{"where", r.where}, {"reason", r.reason}});
  write_bytes(file, kPackBegins + head.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n" + pictures);
}

}  // namespace fkp
