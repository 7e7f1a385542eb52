// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace fkp {

/// The checksum of TFRecord files: CRC-32C (Castagnoli), rotated by 15 bits, plus a constant.
std::uint32_t masked_crc32c(const std::string& bytes);

/// An event file for TensorBoard: TFRecords of Event messages (tensorflow/core/util/event.proto) with scalar summaries. Its
/// name contains the time, so that a resumed run writes a second file beside it, as TensorBoard expects.
class EventFile {
 public:
  /// Creates the file events.out.tfevents.TIME.HOST.N.fkp in `folder`. Throws Error (unwritable).
  explicit EventFile(const std::filesystem::path& folder);

  /// Writes tags and their values at a step. Throws Error (unwritten).
  void add(std::int64_t step, const std::vector<std::pair<std::string, double>>& scalars);

 private:
  void write(const std::string& message);

  std::filesystem::path file_;
  std::ofstream out_;
};

}  // namespace fkp
