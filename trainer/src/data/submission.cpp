// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/submission.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <sstream>

#include "fkp/core/crop.h"
#include "fkp/core/error.h"
#include "readers/reading.h"
#include "whole_file.h"

namespace fkp {
namespace {

namespace fs = std::filesystem;

/// Calls `take` with the fields of each row below the header; each must have at least `count`.
void read_rows(const fs::path& file, std::size_t count, const std::function<void(const std::vector<std::string>&)>& take) {
  Lines lines(file);
  lines.next();
  while (lines.next_filled()) try {
      const auto fields = fields_of(lines.text());
      if (fields.size() < count) throw Unusable("it has " + std::to_string(fields.size()) + " fields instead of " + std::to_string(count));
      take(fields);
    } catch (const Unusable& why) {
      throw Error(ErrorKind::unreadable, lines.where() + ": " + why.what());
    }
}

/// From a column such as "left_eye_center_x", with the point's name as in schemes.
AskedCoordinate coordinate(const std::string& row, const std::string& image, const std::string& column) {
  const std::size_t axis = column.rfind('_');
  const std::string letter = axis == std::string::npos ? "" : column.substr(axis + 1);
  if (letter != "x" && letter != "y") throw Unusable("'" + column + "' is no POINT_x or POINT_y");
  AskedCoordinate asked{row, image, column.substr(0, axis), letter == "x"};
  std::replace(asked.point.begin(), asked.point.end(), '_', '-');
  return asked;
}

/// A point of one of the networks.
struct Source {
  std::size_t net;
  std::ptrdiff_t point;
};

Source source_of(const std::string& point, const std::vector<std::unique_ptr<KeypointNet>>& nets) {
  for (std::size_t i = 0; i < nets.size(); i++) {
    const auto& names = nets[i]->description().scheme.point_names;
    const auto found = std::find(names.begin(), names.end(), point);
    if (found != names.end()) return {i, found - names.begin()};
  }
  throw Error(ErrorKind::mismatch, "no model gives the point '" + point + "' that is asked for");
}

}  // namespace

std::string AskedCoordinate::column() const {
  std::string name = point + (x ? "_x" : "_y");
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

KaggleTest read_kaggle_test(const fs::path& folder) {
  KaggleTest test;
  read_rows(folder / "test.csv", 2, [&](const auto& fields) { test.pictures[fields[0]] = kaggle_picture(fields[1]); });
  read_rows(folder / "IdLookupTable.csv", 3, [&](const auto& fields) {
    if (test.pictures.count(fields[1]) == 0) throw Unusable("test.csv has no picture " + fields[1]);
    test.asked.push_back(coordinate(fields[0], fields[1], fields[2]));
  });
  return test;
}

std::vector<double> answers_to(const KaggleTest& test, const std::vector<std::unique_ptr<KeypointNet>>& nets) {
  std::map<std::string, Source> sources;
  std::map<std::pair<std::string, std::size_t>, Points> found;  // by picture and network
  std::vector<double> answers;
  for (const AskedCoordinate& asked : test.asked) {
    if (sources.count(asked.point) == 0) sources[asked.point] = source_of(asked.point, nets);
    const Source source = sources[asked.point];
    Points& points = found[{asked.image, source.net}];
    if (points.empty()) {
      const Luma picture{test.pictures.at(asked.image)};
      KeypointNet& net = *nets[source.net];
      points = net.look(picture, {whole_region(picture, net.description().crop.size)})[0].points;
    }
    const Point& p = points[static_cast<std::size_t>(source.point)];
    answers.push_back(static_cast<double>(asked.x ? p.x : p.y));
  }
  return answers;
}

void write_submission(const KaggleTest& test, const std::vector<double>& answers, const fs::path& file) {
  std::ostringstream text;
  text << "RowId,Location\n";
  for (std::size_t i = 0; i < answers.size(); i++) text << test.asked[i].row << ',' << answers[i] << '\n';
  write_bytes(file, text.str());
}

std::map<std::string, double> errors_of(const KaggleTest& test, const std::vector<double>& answers, const fs::path& solution) {
  std::map<std::string, double> truth;  // by RowId
  read_rows(solution, 2, [&](const auto& fields) { truth[fields[0]] = static_cast<double>(number(fields[1])); });
  std::map<std::string, double> squares;
  std::map<std::string, int> counts;
  for (std::size_t i = 0; i < answers.size(); i++) {
    const auto known = truth.find(test.asked[i].row);
    if (known == truth.end()) throw Error(ErrorKind::unreadable, solution.string() + ": it has no row " + test.asked[i].row);
    for (const std::string& of : {std::string(), test.asked[i].column()}) {
      squares[of] += std::pow(answers[i] - known->second, 2);
      counts[of]++;
    }
  }
  for (auto& [of, error] : squares) error = std::sqrt(error / counts[of]);
  return squares;
}

}  // namespace fkp
