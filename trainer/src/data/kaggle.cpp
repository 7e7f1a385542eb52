// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/kaggle.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>
#include <sstream>

#include "data/augment.h"
#include "data/chance.h"
#include "data/derive.h"
#include "fkp/core/error.h"
#include "whole_file.h"

namespace fkp {
namespace {

constexpr float kMargin = 1.25f;  // side of the pictures relative to the face box
const std::set<std::string> kNeverWithheld{"left-eye-center", "right-eye-center", "nose-tip", "mouth-center-bottom-lip"};

/// A CSV file that is built row by row and written as a whole.
class Table {
 public:
  explicit Table(const std::string& header) { text_ << header << '\n'; }
  std::ostringstream& row() { return text_; }

  void write(const std::filesystem::path& file) const { write_bytes(file, text_.str()); }

 private:
  std::ostringstream text_;
};

std::string column(std::string name, char axis) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name + '_' + axis;
}

std::string picture_text(const cv::Mat& grey) {
  std::string text;
  for (int i = 0; i < kKaggleSide * kKaggleSide; i++) text += (i ? " " : "") + std::to_string(grey.data[i]);
  return text;
}

/// The groups that form the test part.
std::set<std::string> test_groups(const std::vector<Sample>& samples, const KaggleOptions& options) {
  std::set<std::string> names;
  for (const Sample& s : samples) names.insert(s.group);
  return some_of(names, static_cast<int>(std::lround(options.test * static_cast<double>(names.size()))), options.seed);
}

}  // namespace

Points kaggle_points(const Points& points, const Scheme& scheme) {
  if (scheme.name == "kaggle-15") return points;
  const auto of = points_taken(scheme.name, "kaggle-15");
  if (of.empty()) throw Error(ErrorKind::mismatch, "nobody knows how to make the points of kaggle-15 of " + scheme.name + "'s");
  return taken(points, of);
}

void write_kaggle(const std::vector<Sample>& samples, const Scheme& scheme_of_samples, const KaggleOptions& options,
                  const std::filesystem::path& folder) {
  const Scheme kaggle = scheme("kaggle-15");
  const CropSpec picture{{kKaggleSide, kKaggleSide}, kMargin};
  std::string header;
  for (const std::string& name : kaggle.point_names) header += column(name, 'x') + ',' + column(name, 'y') + ',';
  Table training(header + "Image"), test("ImageId,Image"), lookup("RowId,ImageId,FeatureName,Location"), sample("RowId,Location"),
      solution("RowId,Location");
  const std::set<std::string> test_part = test_groups(samples, options);
  Rng rng(options.seed);
  int images = 0, rows = 0;
  for (int index : shuffled(static_cast<int>(samples.size()), options.seed, 0)) {
    const Sample& s = samples[static_cast<std::size_t>(index)];
    const Crop crop = plain_crop(s, picture);
    const Points points = kaggle_points(crop.points, scheme_of_samples);
    const bool few = chance(rng, options.withheld);
    const auto asked = [&](std::size_t k) { return is_known(points[k]) && (!few || kNeverWithheld.count(kaggle.point_names[k])); };
    if (test_part.count(s.group) == 0) {
      for (std::size_t k = 0; k < points.size(); k++) {
        if (asked(k)) training.row() << points[k].x << ',' << points[k].y << ',';
        if (!asked(k)) training.row() << ",,";
      }
      training.row() << picture_text(crop.pixels) << '\n';
      continue;
    }
    test.row() << ++images << ',' << picture_text(crop.pixels) << '\n';
    for (std::size_t k = 0; k < points.size(); k++) {
      if (!asked(k)) continue;
      for (char axis : {'x', 'y'}) {
        lookup.row() << ++rows << ',' << images << ',' << column(kaggle.point_names[k], axis) << ",\n";
        sample.row() << rows << ",0\n";
        solution.row() << rows << ',' << (axis == 'x' ? points[k].x : points[k].y) << '\n';
      }
    }
  }
  std::filesystem::create_directories(folder);
  training.write(folder / "training.csv");
  test.write(folder / "test.csv");
  lookup.write(folder / "IdLookupTable.csv");
  sample.write(folder / "SampleSubmission.csv");
  solution.write(folder / "Solution.csv");
}

}  // namespace fkp
