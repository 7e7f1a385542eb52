// SPDX-License-Identifier: LGPL-2.1-or-later
#include "readers/readers.h"

#include <spdlog/spdlog.h>

#include <map>

#include "fkp/core/error.h"
#include "readers/reading.h"

namespace fkp {
namespace {

namespace fs = std::filesystem;

using Reader = Dataset (*)(const fs::path&, const Scheme&);
const std::string kWider = "wider:";
const std::map<std::string, Reader> kReaders{{"asf", read_asf},       {"csv", read_csv},   {"dlib", read_dlib}, {"ibug", read_ibug},
                                             {"kaggle", read_kaggle}, {"pack", read_pack}, {"wflw", read_wflw}};

}  // namespace

Dataset read_dataset(const std::string& source, const fs::path& root, const Scheme& scheme) {
  const std::size_t colon = source.find(':');
  const auto reader = kReaders.find(source.substr(0, colon));
  if (colon == std::string::npos || reader == kReaders.end())
    throw Error(
        ErrorKind::not_found,
        "'" + source + "' is no data source; write ibug:FOLDER, asf:FOLDER, csv:FILE, kaggle:FILE, dlib:FILE, wflw:FILE or pack:FILE");
  Dataset data = reader->second(root / source.substr(colon + 1), scheme);
  if (data.samples.empty()) {
    const std::string first = data.refused.empty() ? "it holds no annotation" : data.refused[0].where + ": " + data.refused[0].reason;
    throw Error(ErrorKind::unreadable, source + " has no usable face: " + first);
  }
  return data;
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

std::vector<Picture> read_all_pictures(const std::vector<std::string>& sources, const fs::path& root) {
  std::vector<Picture> all;
  for (const std::string& source : sources) {
    PictureSet set = read_pictures(source, root);
    tell(source, set.pictures.size(), "pictures", set.refused);
    std::move(set.pictures.begin(), set.pictures.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace fkp
