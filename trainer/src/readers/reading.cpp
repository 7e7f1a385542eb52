// SPDX-License-Identifier: LGPL-2.1-or-later
#include "readers/reading.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <set>
#include <sstream>
#include <string_view>
#include <utility>

#include "fkp/core/error.h"
#include "whole_file.h"

namespace fkp {

namespace fs = std::filesystem;

static constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF", kBlank = " \t\r";

float number(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  float value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    throw Unusable("'" + std::string(text) + "' is no number");
  return value;
}

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::istringstream in(line);
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

/// The field in the quotes that open at `at`, which then is behind the closing one.
static std::string quoted(const std::string& line, std::size_t& at) {
  std::string field;
  while (++at < line.size()) {
    if (line[at] == '"' && (++at == line.size() || line[at] != '"')) break;
    field += line[at];
  }
  return field;
}

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  for (std::size_t at = 0; at <= line.size(); at++) {
    at = std::min(line.find_first_not_of(kBlank, at), line.size());
    std::string field = at < line.size() && line[at] == '"' ? quoted(line, at) : std::string();
    const std::size_t end = std::min(line.find(',', at), line.size());
    field += line.substr(at, end - at);  // what stands behind quotes belongs to the field, too
    fields.push_back(field.substr(0, field.find_last_not_of(kBlank) + 1));
    at = end;
  }
  return fields;
}

Lines::Lines(const fs::path& file) : file_(file.string()), in_(file) {
  require_file(file);
  if (!in_) throw Error(ErrorKind::not_found, "cannot read " + file_);
}

bool Lines::next() {
  if (std::exchange(again_, false)) return true;
  if (!std::getline(in_, text_)) return false;
  if (++row_ == 1 && text_.compare(0, kByteOrderMark.size(), kByteOrderMark) == 0) text_.erase(0, kByteOrderMark.size());
  if (!text_.empty() && text_.back() == '\r') text_.pop_back();
  return true;
}

bool Lines::next_filled() {
  while (next())
    if (text_.find_first_not_of(kBlank) != std::string::npos) return true;
  return false;
}

cv::Mat grey_of(const std::string& name, const std::function<cv::Mat()>& read) {
  cv::Mat grey;
  try {
    grey = read();
  } catch (const cv::Exception& e) {  // a size too large for memory
    throw Unusable(name + " is no picture that OpenCV reads: " + e.err);
  }
  if (grey.empty()) throw Unusable(name + " is no picture that OpenCV reads");
  return grey;
}

static bool begins_with(const std::string& bytes, std::string_view begin) { return bytes.compare(0, begin.size(), begin) == 0; }

/// Whether it is a JPEG file without its end, which OpenCV completes with grey. A preview in its header has an end of its own, and a
/// phone may append a film.
static bool is_cut_off(const std::string& bytes) {
  constexpr std::string_view kBegin = "\xFF\xD8", kEnd = "\xFF\xD9";
  constexpr unsigned char kMarker = 0xFF, kScan = 0xDA;
  if (!begins_with(bytes, kBegin)) return false;
  const auto byte = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U; };
  std::size_t at = kBegin.size();
  while (byte(at) == kMarker && byte(at + 1) != kScan) at += byte(at + 1) == kMarker ? 1 : 2 + 256 * byte(at + 2) + byte(at + 3);
  return bytes.find(kEnd, at) == std::string::npos;
}

/// libpng makes grey of a colour picture that names its gamma in linear light; all other pictures, and `predict`, get luma.
static cv::Mat decoded(const std::string& bytes, int flags) {
  const cv::Mat file(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<char*>(bytes.data()));
  if (!begins_with(bytes, "\x89PNG")) return cv::imdecode(file, cv::IMREAD_GRAYSCALE | flags);
  cv::Mat picture = cv::imdecode(file, cv::IMREAD_COLOR | flags);
  if (!picture.empty()) cv::cvtColor(picture, picture, cv::COLOR_BGR2GRAY);
  return picture;
}

static cv::Mat read_grey(const fs::path& picture, int flags) {
  if (!fs::exists(picture)) throw Unusable("there is no picture " + picture.string());
  std::string bytes;
  try {
    bytes = read_bytes(picture);
  } catch (const Error& e) {
    throw Unusable(e.what());
  }
  if (is_cut_off(bytes)) throw Unusable(picture.string() + " is cut off: its end is missing");
  return grey_of(picture.string(), [&] { return bytes.empty() ? cv::Mat() : decoded(bytes, flags); });
}

cv::Mat read_grey(const fs::path& picture) { return read_grey(picture, 0); }

cv::Mat Pictures::read(const fs::path& picture) {
  if (grey_.empty() || picture != last_) grey_ = read_grey(picture, as_stored_ ? cv::IMREAD_IGNORE_ORIENTATION : 0);
  last_ = picture;
  return grey_;
}

/// A picture's name, without what marks a mirrored copy.
static std::string stem_of(const fs::path& picture) {
  constexpr std::string_view kMirrored = "_mirror";  // dlib's training file also has each picture mirrored
  std::string stem = picture.stem().string();
  if (stem.size() > kMirrored.size() && stem.compare(stem.size() - kMirrored.size(), kMirrored.size(), kMirrored) == 0)
    stem.resize(stem.size() - kMirrored.size());
  return stem;
}

std::string group_of(const fs::path& picture, bool in_people) {
  const std::string stem = stem_of(picture), name = stem.substr(0, stem.rfind('_'));
  constexpr std::size_t kFaceNumber = 3;  // characters of _3 or _12
  const bool numeric = std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c); });
  return in_people || (numeric && stem.size() - name.size() <= kFaceNumber) ? name : stem;
}

std::string group_in_folder(const fs::path& picture) {
  const fs::path folder = picture.lexically_normal().parent_path();
  const std::string name = group_of(picture, true);
  return (name == stem_of(picture) && !folder.empty() ? folder : folder / name).string();
}

static void require_plausible(const Sample& sample) {
  const float w = static_cast<float>(sample.grey.cols), h = static_cast<float>(sample.grey.rows);
  const auto known = std::count_if(sample.points.begin(), sample.points.end(), is_known);
  if (known == 0) throw Unusable("it has no point");
  if (known > 1 && face_box(sample.points).width < 4) throw Unusable("its points lie within 4 pixels");
  for (const Point& p : sample.points)
    if (p.x < -w / 4 || p.y < -h / 4 || p.x > w * 1.25f || p.y > h * 1.25f)
      throw Unusable("point " + std::to_string(p.x) + ", " + std::to_string(p.y) + " lies far outside the picture of " +
                     std::to_string(sample.grey.cols) + "×" + std::to_string(sample.grey.rows));
}

void take(Dataset& data, const std::string& where, const std::function<Sample()>& read) {
  try {
    Sample sample = read();
    require_plausible(sample);
    data.samples.push_back(std::move(sample));
  } catch (const Unusable& why) {
    data.refused.push_back({where, why.what()});
  }
}

void take_lines(Dataset& data, Lines& lines, const std::function<Sample()>& read) {
  while (lines.next_filled()) take(data, lines.where(), read);
}

void note_others(Dataset& data) {
  std::map<std::string, std::vector<std::size_t>> pictures;
  for (std::size_t i = 0; i < data.samples.size(); i++) pictures[data.samples[i].picture].push_back(i);
  for (const auto& [picture, faces] : pictures)
    for (const std::size_t i : faces)
      for (const std::size_t j : faces)
        if (i != j) data.samples[i].others.push_back(data.samples[j].box());
}

std::vector<fs::path> files_in(const fs::path& folder, const std::string& extension) {
  if (!fs::is_directory(folder)) throw Error(ErrorKind::not_found, "there is no folder " + folder.string());
  std::set<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == extension) files.insert(entry.path());
  return {files.begin(), files.end()};
}

fs::path picture_beside(const fs::path& annotation) {
  for (const char* extension : {".jpg", ".png", ".jpeg", ".JPG", ".PNG", ".JPEG"}) {
    fs::path picture = annotation;
    picture.replace_extension(extension);
    if (fs::exists(picture)) return picture;
  }
  throw Unusable("there is no .jpg, .jpeg or .png of that name beside it");
}

}  // namespace fkp
