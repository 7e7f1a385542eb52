// SPDX-License-Identifier: LGPL-2.1-or-later
// dlib's XML, as written by its imglab: <image file=…> contains a <box> for each face, which contains its points as
// <part name=… x=… y=…>, named by number; 0-based pixels of the picture as it is stored.
#include <pugixml.hpp>

#include "fkp/core/error.h"
#include "readers/reading.h"
#include "whole_file.h"

namespace fkp {
namespace {

Points points_of(const pugi::xml_node& box, const Scheme& scheme) {
  Points points(static_cast<std::size_t>(scheme.size()), unknown_point());
  for (const pugi::xml_node& part : box.children("part")) {
    const float index = number(part.attribute("name").value());
    if (index < 0 || index >= static_cast<float>(scheme.size()))
      throw Unusable("part '" + std::string(part.attribute("name").value()) + "' is none of the scheme's " + std::to_string(scheme.size()) +
                     " points");
    points[static_cast<std::size_t>(index)] = {number(part.attribute("x").value()), number(part.attribute("y").value())};
  }
  return points;
}

/// From edges to a box with pixel centres at integers; empty if it says nothing.
cv::Rect2f rectangle_of(const pugi::xml_node& box) {
  return {box.attribute("left").as_float() - 0.5f, box.attribute("top").as_float() - 0.5f, box.attribute("width").as_float(),
          box.attribute("height").as_float()};
}

}  // namespace

Dataset read_dlib(const std::filesystem::path& file, const Scheme& scheme) {
  const std::string text = read_bytes(file);
  pugi::xml_document document;
  if (const auto result = document.load_string(text.c_str()); !result)
    throw Error(ErrorKind::unreadable, file.string() + " is no XML: " + result.description() + " at byte " + std::to_string(result.offset));
  Dataset data;
  Pictures pictures(true);  // dlib knows nothing of EXIF
  for (const pugi::xml_node& image : document.child("dataset").child("images").children("image")) {
    const auto picture = file.parent_path() / image.attribute("file").value();
    const std::size_t first = data.samples.size();
    std::vector<cv::Rect2f> unused;  // faces nevertheless
    int face = 0;
    for (const pugi::xml_node& box : image.children("box")) {
      const std::size_t before = data.samples.size();
      if (!box.attribute("ignore").as_bool())
        take(data, picture.string() + " in " + file.string() + ", box " + std::to_string(++face), [&]() -> Sample {
          Points points = points_of(box, scheme);
          return {picture.string(), group_of(picture, false), pictures.read(picture), std::move(points)};
        });
      if (data.samples.size() == before) unused.push_back(rectangle_of(box));
    }
    for (std::size_t i = first; i < data.samples.size(); i++) data.samples[i].others = unused;
  }
  note_others(data);
  return data;
}

}  // namespace fkp
