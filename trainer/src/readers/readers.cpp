// SPDX-License-Identifier: LGPL-2.1-or-later
#include "readers/readers.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>

#include "data/derive.h"
#include "data/scenes.h"
#include "fkp/core/error.h"
#include "readers/reading.h"

namespace fkp {
namespace {

namespace fs = std::filesystem;

const std::string kWider = "wider:";
constexpr FaceSource kFaceSources[] = {{"ibug", "FOLDER", "ibug-68", read_ibug}, {"asf", "FOLDER", "imm-73", read_asf},
                                       {"csv", "FILE", "ibug-68", read_csv},     {"dlib", "FILE", "ibug-68", read_dlib},
                                       {"wflw", "FILE", "wflw-98", read_wflw},   {"kaggle", "FILE", "kaggle-15", read_kaggle},
                                       {"pack", "FILE", "", read_pack}};

/// Converts samples of another scheme to a scheme that is derived from it.
Dataset taken_of(Dataset data, const std::vector<std::vector<int>>& of) {
  Dataset derived;
  derived.refused = std::move(data.refused);
  for (Sample& s : data.samples) {
    s.face = s.box();
    s.points = taken(s.points, of);
    if (std::any_of(s.points.begin(), s.points.end(), is_known))
      derived.samples.push_back(std::move(s));
    else
      derived.refused.push_back({s.picture, "it has none of the points"});
  }
  return derived;
}

}  // namespace

const FaceSource* face_source(const std::string& source) {
  const std::size_t colon = source.find(':');
  if (colon == std::string::npos) return nullptr;
  const auto* found = std::find_if(std::begin(kFaceSources), std::end(kFaceSources),
                                   [&](const FaceSource& s) { return source.compare(0, colon, s.kind) == 0; });
  return found == std::end(kFaceSources) ? nullptr : found;
}

std::string face_sources() {
  std::string text;
  for (const FaceSource& s : kFaceSources) text += (text.empty() ? "" : ", ") + std::string(s.kind) + ":" + s.path;
  return text;
}

Dataset read_dataset(const std::string& source, const fs::path& root, const Scheme& scheme) {
  const FaceSource* kind = face_source(source);
  if (!kind)
    throw Error(ErrorKind::not_found, "'" + source + "' " +
                                          (is_list_of_boxes(source) ? "has boxes of faces, but no points" : "is no data source") +
                                          "; write one of " + face_sources());
  const fs::path path = root / source.substr(source.find(':') + 1);
  Dataset data;
  std::exception_ptr failure;
  try {
    data = kind->read(path, scheme);
  } catch (const Error& e) {
    if (e.kind() != ErrorKind::unreadable) throw;
    failure = std::current_exception();
  }
  if (!data.samples.empty()) return data;
  const auto others = schemes_with(scheme.name);
  for (const std::string& other : others) try {
      Dataset derived = taken_of(kind->read(path, fkp::scheme(other)), points_taken(other, scheme.name));
      if (!derived.samples.empty()) return derived;
    } catch (const Error&) {  // it is not readable with that scheme either
    }
  if (failure) std::rethrow_exception(failure);
  std::string why = data.refused.empty() ? "it holds no annotation" : data.refused[0].where + ": " + data.refused[0].reason;
  for (const std::string& other : others) why += (&other == &others.front() ? "; nor has it the points of " : ", ") + other;
  throw Error(ErrorKind::unreadable, source + " has no usable face: " + why);
}

bool is_list_of_boxes(const std::string& source) { return source.rfind(kWider, 0) == 0; }

PictureSet read_pictures(const std::string& source, const fs::path& root) {
  if (!is_list_of_boxes(source)) throw Error(ErrorKind::not_found, "'" + source + "' is no source of pictures; write wider:FILE");
  PictureSet set = read_wider(root / source.substr(kWider.size()));
  if (set.pictures.empty())
    throw Error(ErrorKind::unreadable,
                source + " has no usable picture" +
                    (set.refused.empty() ? std::string() : ": " + set.refused[0].where + ": " + set.refused[0].reason));
  return set;
}

void tell(const std::string& source, std::size_t count, const char* what, const std::vector<Refusal>& refused) {
  spdlog::info("{}: {} {}, {} refused", source, count, what, refused.size());
  for (const Refusal& r : refused) spdlog::warn("{}: {}", r.where, r.reason);
}

PictureSet read_faces(const std::string& source, const fs::path& root, int every) {
  PictureSet all;
  if (is_list_of_boxes(source)) {
    all = read_pictures(source, root);
    tell(source, all.pictures.size(), "pictures", all.refused);
  } else {
    const Dataset data = read_dataset(source, root, scheme("ibug-68"));
    all.refused = data.refused;
    for (const Sample& sample : data.samples)
      if (std::all_of(sample.points.begin(), sample.points.end(), is_known))
        all.pictures.push_back(boxed(sample));
      else
        all.refused.push_back({sample.picture, "it lacks a point: its box cannot be told"});
    if (all.pictures.empty()) throw Error(ErrorKind::unreadable, source + " has no face with all of its points");
    tell(source, all.pictures.size(), "faces", all.refused);
  }
  PictureSet some{{}, std::move(all.refused)};
  for (std::size_t i = 0; i < all.pictures.size(); i += static_cast<std::size_t>(every))
    some.pictures.push_back(std::move(all.pictures[i]));
  return some;
}

}  // namespace fkp
