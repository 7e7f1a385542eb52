// SPDX-License-Identifier: LGPL-2.1-or-later
#include "programs/nearest.h"

#include <algorithm>
#include <numeric>

namespace fkp {
namespace {

/// Levenshtein distance: letters to insert, delete or replace.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); i++) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); j++) {
      const std::size_t replaced = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string nearest(const std::string& name, const std::vector<std::string>& known) {
  std::string best;
  std::size_t least = std::max<std::size_t>(2, name.size() / 3) + 1;
  for (const std::string& candidate : known)
    if (const std::size_t d = distance(name, candidate); d < least && d < candidate.size()) {
      least = d;
      best = candidate;
    }
  return best;
}

std::string known_names(const std::string& name, const std::vector<std::string>& known) {
  std::string all;
  for (const std::string& k : known) all.append(all.empty() ? "" : ", ").append(k);
  const std::string near = nearest(name, known);
  return (near.empty() ? "" : "did you mean '" + near + "'? ") + "known are " + all;
}

}  // namespace fkp
