// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace fkp::test {

namespace fs = std::filesystem;

/// An empty folder, deleted with this object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "fkp-test-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder can be made");
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  fs::path operator/(const std::string& name) const { return path_ / name; }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

inline void write(const fs::path& file, const std::string& text) { std::ofstream(file) << text; }

/// All bytes of a file; empty if it does not exist.
inline std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The folder of real data that FKP_DATA names, or ../shared/data beside the project; empty if it does not exist.
inline fs::path data_folder() {
  const char* named = std::getenv("FKP_DATA");
  const fs::path folder = named && *named ? named : FKP_DEFAULT_DATA;
  return fs::is_directory(folder) ? folder : fs::path();
}

}  // namespace fkp::test

/// Skips a test that needs real pictures or films if there are none.
#define NEEDS_DATA() \
  if (fkp::test::data_folder().empty()) GTEST_SKIP() << "needs FKP_DATA"
