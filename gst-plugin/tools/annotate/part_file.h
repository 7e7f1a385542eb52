// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>

namespace fkp {

/// A file that gets its name when it is complete, and is removed otherwise. It is written next to its final place, as NAME.part,
/// under a lock that ends with the process: what a killed run has left is taken over, what another run is writing is left alone.
class PartFile {
 public:
  /// If `name` is empty, there is no file. Throws std::runtime_error if it would overwrite the input (a file name; may be empty), what
  /// another run is writing or, unless forced, an existing file.
  PartFile(const std::string& name, const std::string& input, bool force);
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  /// The file to write to: in the same folder, without content, for this run alone. Empty if there is no file.
  const std::string& part() const { return part_; }
  /// Leaves the lock to an element that locks the file itself while it writes; keep() takes it again.
  void lend();
  /// Gives the file its name. Throws std::runtime_error.
  void keep();
  /// Nothing was written: removes the file of that name, which an earlier run made.
  void keep_none();

 private:
  void lock();
  bool lock_again();

  std::string name_, part_;
  bool force_ = false;
  int file_ = -1;
};

}  // namespace fkp
