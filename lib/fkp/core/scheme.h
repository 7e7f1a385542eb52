// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace fkp {

/// A line through points of a face, in drawing order.
struct Outline {
  std::vector<int> points;
  bool closed = false;
};

/// A named group of points: "jaw", "left-eye" …
struct Part {
  std::string name;
  std::vector<int> points;
};

/// The meaning of a set of keypoints. "left" and "right" are the subject's own.
struct Scheme {
  std::string name;                      ///< "ibug-68"
  std::vector<std::string> point_names;  ///< one per point, in the order of the network's output
  std::vector<int> mirror;               ///< mirror[i] is the point that i becomes in a mirrored picture
  std::vector<Outline> outlines;         ///< what an overlay draws
  std::vector<Part> parts;               ///< "right-eye" and "left-eye" tell how a face is rotated
  std::pair<int, int> normaliser{0, 0};  ///< the two points whose distance divides the NME; if equal: the box's side

  /// Whether it says which points swap in a mirrored picture.
  bool can_mirror() const;
  /// Whether it says which way is up.
  bool is_upright() const { return part("right-eye") && part("left-eye"); }

  int size() const { return static_cast<int>(point_names.size()); }
  /// The part of that name, or nullptr.
  const Part* part(const std::string& part_name) const;
};

/// The registered schemes, in alphabetical order.
const std::vector<Scheme>& schemes();

/// The registered scheme of that name; throws Error (not_found) that lists the known ones.
const Scheme& scheme(const std::string& name);

/// JSON as in a model's description (docs/model-file.md); "mirror" may also hold the pairs of points that swap. scheme_from_json throws
/// Error (unreadable) if the scheme is invalid: a mirror that is not a permutation, an outline through a point that does not exist …
std::string to_json(const Scheme& scheme);
Scheme scheme_from_json(const std::string& json);

/// Throws Error (unreadable) unless all indices of the scheme exist and its mirror is its own inverse.
void validate(const Scheme& scheme);

}  // namespace fkp
