// SPDX-License-Identifier: LGPL-2.1-or-later
// The packed sets of `fkp-train pack` (data/pack.h).
#include "data/pack.h"

#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>

#include "fkp/core/error.h"
#include "readers/reading.h"
#include "whole_file.h"

namespace fkp {
namespace {

using nlohmann::json;

const std::string kMagic = kPackBegins;

/// The parts of a packed set.
struct Pack {
  json head;
  Scheme scheme;
  std::string bytes;      // of the whole file
  std::size_t first = 0;  // where the pictures begin
};

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& why) {
  throw Error(ErrorKind::unreadable, file.string() + " is no packed set of fkp-train, or broken: " + why);
}

Pack opened(const std::filesystem::path& file) {
  Pack pack;
  pack.bytes = read_bytes(file);
  if (pack.bytes.compare(0, kMagic.size(), kMagic) != 0) fail(file, "it does not begin with its name");
  const std::size_t end = pack.bytes.find('\n', kMagic.size());
  if (end == std::string::npos) fail(file, "it breaks off");
  pack.first = end + 1;
  try {
    pack.head =
        json::parse(pack.bytes.begin() + static_cast<std::ptrdiff_t>(kMagic.size()), pack.bytes.begin() + static_cast<std::ptrdiff_t>(end));
    pack.scheme = scheme_from_json(pack.head.at("scheme").dump());
  } catch (const json::exception& e) {
    fail(file, e.what());
  }
  return pack;
}

Points points_of(const json& list) {
  Points points;
  for (const json& p : list) points.push_back(p.is_null() ? unknown_point() : Point{p.at(0).get<float>(), p.at(1).get<float>()});
  return points;
}

cv::Rect2f box_of(const json& list) { return {list.at(0), list.at(1), list.at(2), list.at(3)}; }

}  // namespace

Scheme scheme_of_pack(const std::filesystem::path& file) { return opened(file).scheme; }

Dataset read_pack(const std::filesystem::path& file, const Scheme& scheme) {
  const Pack pack = opened(file);
  if (pack.scheme.point_names != scheme.point_names)
    throw Error(ErrorKind::unreadable,
                file.string() + " holds points of the scheme '" + pack.scheme.name + "', not of '" + scheme.name + "'");
  Dataset data;
  try {
    std::size_t offset = pack.first;
    for (const json& face : pack.head.at("faces")) {
      const auto size = face.at("bytes").get<std::size_t>();
      if (size > pack.bytes.size() - offset) fail(file, "it breaks off");
      take(data, file.string() + ": " + face.at("picture").get<std::string>(), [&]() -> Sample {
        const cv::Mat bytes(1, static_cast<int>(size), CV_8U, const_cast<char*>(pack.bytes.data() + offset));
        const auto grey = grey_of("its picture", [&] { return size > 0 ? cv::imdecode(bytes, cv::IMREAD_GRAYSCALE) : cv::Mat(); });
        Sample sample{face.at("picture"), face.at("group"), grey, points_of(face.at("points"))};
        if (face.contains("face")) sample.face = box_of(face["face"]);
        for (const json& other : face.value("others", json::array())) sample.others.push_back(box_of(other));
        return sample;
      });
      offset += size;
    }
    for (const json& r : pack.head.at("refused")) data.refused.push_back({r.at("where"), r.at("reason")});
  } catch (const json::exception& e) {
    fail(file, e.what());
  }
  return data;
}

}  // namespace fkp
