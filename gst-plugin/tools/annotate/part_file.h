// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>

namespace fkp {

/// A file that gets its name when it is whole, and is gone otherwise. It is written beside its final place, as NAME.part,
/// under a lock that ends with the process: what a killed run has left is taken over, what another run writes is let alone.
class PartFile {
 public:
  /// No file where `name` is empty. Throws std::runtime_error where it would overwrite what it must not: the input (a file's
  /// name; may be empty), what another run is writing or, unless forced, what is there.
  PartFile(const std::string& name, const std::string& input, bool force);
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  /// The file to write to: in the same folder, empty, of this run alone. Empty where there is none.
  const std::string& part() const { return part_; }
  /// Gives the file its name. Throws std::runtime_error.
  void keep();
  /// Nothing was written: what bears the name now, of another run, goes.
  void keep_none();

 private:
  void lock();

  std::string name_, part_;
  bool force_ = false;
  int file_ = -1;
};

}  // namespace fkp
