// SPDX-License-Identifier: LGPL-2.1-or-later
#include "readers.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <map>
#include <opencv2/imgcodecs.hpp>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>

#include "fkp/core/error.h"

namespace fkp {
namespace {

namespace fs = std::filesystem;

/// Why one sample is refused.
struct Unusable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

float number(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  float value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    throw Unusable("'" + std::string(text) + "' is no number");
  return value;
}

/// NAME of NAME_NUMBER. A folder of pictures (`in_people` false) numbers the faces of a picture whose own name is a number
/// (296814969_3); elsewhere the number counts pictures (image_0042), which then have nothing in common.
std::string group_of(const fs::path& picture, bool in_people) {
  const std::string stem = picture.stem().string(), name = stem.substr(0, stem.rfind('_'));
  const bool numeric = std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c); });
  return in_people || numeric ? name : stem;
}

cv::Mat read_grey(const fs::path& picture) {
  if (!fs::exists(picture)) throw Unusable("there is no picture " + picture.string());
  cv::Mat grey = cv::imread(picture.string(), cv::IMREAD_GRAYSCALE);
  if (grey.empty()) throw Unusable(picture.string() + " is no picture that OpenCV reads");
  return grey;
}

/// A point may lie a little outside (a chin below the edge), not elsewhere.
void require_plausible(const Sample& sample) {
  const float w = static_cast<float>(sample.grey.cols), h = static_cast<float>(sample.grey.rows);
  const cv::Rect2f box = face_box(sample.points);
  if (box.width < 4) throw Unusable("its points lie within 4 pixels");
  for (const Point& p : sample.points)
    if (p.x < -w / 4 || p.y < -h / 4 || p.x > w * 1.25f || p.y > h * 1.25f)
      throw Unusable("point " + std::to_string(p.x) + ", " + std::to_string(p.y) + " lies far outside the picture of " +
                     std::to_string(sample.grey.cols) + "×" + std::to_string(sample.grey.rows));
}

Points read_pts(const fs::path& file, int count) {
  std::ifstream in(file);
  std::string word;
  while (in >> word && word != "{") {
  }
  Points points;
  std::string x, y;
  while (in >> x && x != "}" && in >> y) points.push_back({number(x) - 1, number(y) - 1});
  if (x != "}") throw Unusable("it has no closing brace");
  if (static_cast<int>(points.size()) != count)
    throw Unusable("it has " + std::to_string(points.size()) + " points, the scheme " + std::to_string(count));
  return points;
}

fs::path picture_beside(const fs::path& annotation) {
  for (const char* extension : {".jpg", ".png", ".jpeg"}) {
    fs::path picture = annotation;
    picture.replace_extension(extension);
    if (fs::exists(picture)) return picture;
  }
  throw Unusable("there is no .jpg or .png of that name beside it");
}

Dataset read_ibug(const fs::path& folder, const Scheme& scheme) {
  if (!fs::is_directory(folder)) throw Error(ErrorKind::not_found, "there is no folder " + folder.string());
  std::set<fs::path> annotations;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".pts") annotations.insert(entry.path());
  Dataset data;
  for (const fs::path& file : annotations) try {
      const fs::path picture = picture_beside(file);
      Sample sample{picture.string(), group_of(picture, false), read_grey(picture), read_pts(file, scheme.size())};
      require_plausible(sample);
      data.samples.push_back(std::move(sample));
    } catch (const Unusable& why) {
      data.refused.push_back({file.string(), why.what()});
    }
  return data;
}

/// Where the pictures of a CSV lie: see read_dataset.
fs::path pictures_of(const fs::path& csv) {
  const std::string stem = csv.stem().string();
  const fs::path named = csv.parent_path() / stem.substr(0, stem.find("_frames_keypoints"));
  return fs::is_directory(named) ? named : csv.parent_path();
}

Dataset read_csv(const fs::path& csv, const Scheme& scheme) {
  std::ifstream in(csv);
  if (!in) throw Error(ErrorKind::not_found, "there is no file " + csv.string());
  const fs::path folder = pictures_of(csv);
  Dataset data;
  std::string line;
  std::getline(in, line);  // the header names the columns 0 to 135
  for (int row = 2; std::getline(in, line); row++) try {
      std::vector<std::string> fields;
      std::istringstream cells(line);
      for (std::string cell; std::getline(cells, cell, ',');) fields.push_back(cell);
      if (static_cast<int>(fields.size()) != 1 + 2 * scheme.size())
        throw Unusable("it has " + std::to_string(fields.size()) + " fields instead of a picture and " + std::to_string(2 * scheme.size()) +
                       " coordinates");
      const fs::path picture = folder / fields[0];
      Sample sample{picture.string(), group_of(picture, true), read_grey(picture), {}};
      for (int k = 0; k < scheme.size(); k++) sample.points.push_back({number(fields[1 + 2 * k]), number(fields[2 + 2 * k])});
      require_plausible(sample);
      data.samples.push_back(std::move(sample));
    } catch (const Unusable& why) {
      data.refused.push_back({csv.string() + ":" + std::to_string(row), why.what()});
    }
  return data;
}

PictureSet read_wider(const fs::path& file) {
  std::ifstream in(file);
  if (!in) throw Error(ErrorKind::not_found, "there is no file " + file.string());
  PictureSet set;
  int row = 0;
  std::string line;
  const auto next = [&](const char* expected) {
    if (!std::getline(in, line)) throw Error(ErrorKind::unreadable, file.string() + " breaks off before " + expected);
    row++;
  };
  while (std::getline(in, line)) {
    row++;
    if (line.find_first_not_of(" \r") == std::string::npos) continue;
    const std::string name = line.substr(0, line.find_last_not_of(" \r") + 1), where = file.string() + ":" + std::to_string(row);
    next("the number of a picture's faces");
    int count = 0;
    if (!(std::istringstream(line) >> count) || count < 0)
      throw Error(ErrorKind::unreadable, file.string() + ":" + std::to_string(row) + ": '" + line + "' is no number of faces");
    Picture picture{name, group_of(name, false), {}, {}, {}};
    for (int i = 0; i < std::max(count, 1); i++) {
      if (count == 0 && !std::isdigit(in.peek())) break;  // some writers leave the line of zeros out
      const auto at = in.tellg();
      next("a face's box");
      float x = 0, y = 0, w = 0, h = 0, blur = 0;
      const bool box = static_cast<bool>(std::istringstream(line) >> x >> y >> w >> h >> blur);
      if (!box && count == 0) {  // a picture whose name begins with a digit
        in.seekg(at);
        row--;
        break;
      }
      if (!box) throw Error(ErrorKind::unreadable, file.string() + ":" + std::to_string(row) + ": '" + line + "' is no box");
      // Edges to pixel centres at integers.
      if (w > 0 && h > 0) picture.faces.emplace_back(x - 0.5f, y - 0.5f, w, h);
    }
    try {
      picture.grey = read_grey(file.parent_path() / "images" / name);
      set.pictures.push_back(std::move(picture));
    } catch (const Unusable& why) {
      set.refused.push_back({where, why.what()});
    }
  }
  return set;
}

using Reader = Dataset (*)(const fs::path&, const Scheme&);
const std::string kWider = "wider:";
const std::map<std::string, Reader> kReaders{{"ibug", read_ibug}, {"csv", read_csv}};

}  // namespace

Dataset read_dataset(const std::string& source, const fs::path& root, const Scheme& scheme) {
  const std::size_t colon = source.find(':');
  const auto reader = kReaders.find(source.substr(0, colon));
  if (colon == std::string::npos || reader == kReaders.end())
    throw Error(ErrorKind::not_found, "'" + source + "' is no data source; write ibug:FOLDER or csv:FILE");
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
