// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace fkp {

/// The output files for one input; empty: not wanted.
struct Outputs {
  std::string copy;  ///< the annotated video or picture
  std::string json, csv, still;

  std::vector<std::string> all() const;
};

/// One input with its outputs.
struct Job {
  std::string input;  ///< file or URI
  Outputs outputs;
  std::uintmax_t bytes = 1;  ///< its share of the work
  std::string fault;         ///< why it cannot be done at all; empty: nothing known yet
};

/// What the command line asks for.
struct Request {
  /// In place of a file name: a file next to the copy.
  static constexpr char kBeside[] = "*";

  std::vector<std::string> inputs;  ///< files, folders, URIs
  std::string output;               ///< a file for one video or picture, a folder otherwise; may be empty
  std::string json, csv;            ///< a file name, kBeside, or empty: none
  std::string still;
  bool copy = true;
};

struct Plan {
  std::vector<Job> jobs;
  bool batch = false;              ///< several inputs: outputs that exist count as done
  std::vector<std::string> notes;  ///< for the user
};

/// A wrong command line.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Throws UsageError, for instance if two outputs would have the same name, or one would replace a device.
Plan make_plan(const Request& request);

}  // namespace fkp
