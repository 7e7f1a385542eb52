// SPDX-License-Identifier: LGPL-2.1-or-later
#include "run/tensorboard.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "fkp/core/error.h"

namespace fkp {
namespace {

// Seven fields of three messages: encoding protobuf by hand is shorter than generated code.
enum WireType { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

void append_varint(std::string& to, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) to += static_cast<char>(value | 0x80);
  to += static_cast<char>(value);
}

void append_key(std::string& to, unsigned field, WireType type) { append_varint(to, field << 3 | type); }

template <typename T>
void append_fixed(std::string& to, T value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  std::reverse(bytes, bytes + sizeof value);
#endif
  to.append(bytes, sizeof value);
}

void append_bytes(std::string& to, unsigned field, const std::string& bytes) {
  append_key(to, field, kBytes);
  append_varint(to, bytes.size());
  to += bytes;
}

/// An Event with its wall_time (1).
std::string event() {
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  std::string message;
  append_key(message, 1, kFixed64);
  append_fixed(message, now.count());
  return message;
}

}  // namespace

std::uint32_t masked_crc32c(const std::string& bytes) {
  std::uint32_t crc = ~0U;
  for (unsigned char byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78U : 0);
  }
  crc = ~crc;
  return (crc >> 15 | crc << 17) + 0xa282ead8U;
}

EventFile::EventFile(const std::filesystem::path& folder) {
  char host[256] = "localhost";
  gethostname(host, sizeof host - 1);
  const auto seconds = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  // Two runs may begin in the same second.
  for (int n = 0; n == 0 || std::filesystem::exists(file_); n++)
    file_ = folder / ("events.out.tfevents." + std::to_string(seconds) + "." + host + "." + std::to_string(n) + ".fkp");
  out_.open(file_, std::ios::binary);
  if (!out_) throw Error(ErrorKind::unwritable, "cannot write " + file_.string());
  std::string message = event();
  append_bytes(message, 3, "brain.Event:2");  // file_version
  write(message);
}

void EventFile::add(std::int64_t step, const std::vector<std::pair<std::string, double>>& scalars) {
  std::string summary;
  for (const auto& [tag, value] : scalars) {
    std::string one;
    append_bytes(one, 1, tag);
    append_key(one, 2, kFixed32);  // simple_value
    append_fixed(one, static_cast<float>(value));
    append_bytes(summary, 1, one);
  }
  std::string message = event();
  append_key(message, 2, kVarint);
  append_varint(message, static_cast<std::uint64_t>(step));
  append_bytes(message, 5, summary);
  write(message);
}

/// A record: length and its checksum, message and its checksum.
void EventFile::write(const std::string& message) {
  std::string length, record;
  append_fixed(length, static_cast<std::uint64_t>(message.size()));
  record = length;
  append_fixed(record, masked_crc32c(length));
  record += message;
  append_fixed(record, masked_crc32c(message));
  if (!out_.write(record.data(), static_cast<std::streamsize>(record.size())).flush())
    throw Error(ErrorKind::unwritten, "cannot write " + file_.string() + ": is the disk full?");
}

}  // namespace fkp
