// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <stdexcept>
#include <string>

namespace fkp {

/// What went wrong, in terms that a caller can act on. Each kind has one GStreamer error code (gst-plugin/common).
enum class ErrorKind {
  not_found,     ///< a file or a name that does not exist
  unreadable,    ///< a file that exists but is not what it should be
  mismatch,      ///< parts that do not fit together, such as a model's output and its scheme
  no_device,     ///< a device that was requested but is not available
  unwritable,    ///< a destination that cannot be opened for writing
  unwritten,     ///< data that could not be written to an open destination
  disk_full,     ///< the same, for lack of space
  settings,      ///< settings that cannot work
  unmapped,      ///< memory that cannot be mapped for reading or writing
  unauthorized,  ///< a server that refuses us access, or that is not who it should be
};

/// An error with a message for the user: it names the file, device, key or line and says what to do.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

}  // namespace fkp
