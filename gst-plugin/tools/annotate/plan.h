// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace fkp {

/// The files that one input becomes; empty: not wanted.
struct Outputs {
  std::string copy;  ///< the annotated film or picture
  std::string json, csv, still;

  std::vector<std::string> all() const;
};

/// One input with its outputs.
struct Job {
  std::string input;  ///< file or URI
  Outputs outputs;
  std::uintmax_t bytes = 1;  ///< its share of the work
  std::string fault;         ///< what keeps it from being done at all; empty: nothing known yet
};

/// What the command line asks for.
struct Request {
  /// Named in place of a file: beside the copy.
  static constexpr char kBeside[] = "*";

  std::vector<std::string> inputs;  ///< files, folders, URIs
  std::string output;               ///< a file for one film or picture, a folder otherwise; may be empty
  std::string json, csv;            ///< a file's name, kBeside, or empty: none
  std::string still;
  bool copy = true;
};

struct Plan {
  std::vector<Job> jobs;
  bool batch = false;              ///< many inputs: what is there already counts as done
  std::vector<std::string> notes;  ///< for the user
};

/// A wrong command line.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Throws UsageError, among others where two outputs would share a name.
Plan make_plan(const Request& request);

}  // namespace fkp
