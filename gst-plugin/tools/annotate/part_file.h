// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>

namespace fkp {

/// A file that gets its name when it is whole, and is gone otherwise.
class PartFile {
 public:
  /// No file where `name` is empty. Throws std::runtime_error where it would overwrite what it must not: the input (a file's
  /// name; may be empty) or, unless forced, what is there.
  PartFile(const std::string& name, const std::string& input, bool force);
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  /// The file to write to: in the same folder, empty, of this run alone. Empty where there is none.
  const std::string& part() const { return part_; }
  /// Removes what bears the name now.
  void remove_old() const;
  /// Throws std::runtime_error.
  void keep();

 private:
  std::string name_, part_;
};

/// Whether both names mean one file, there or not.
bool same_file(const std::string& a, const std::string& b);

}  // namespace fkp
