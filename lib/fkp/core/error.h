// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <stdexcept>
#include <string>

namespace fkp {

/// What went wrong, in the terms a caller acts on. Each kind has one GStreamer error code (gst-plugin/common).
enum class ErrorKind {
  not_found,     ///< a file or a name that is not there
  unreadable,    ///< a file that is there and is not what it should be
  mismatch,      ///< parts that do not fit together: a model's output and its scheme
  no_device,     ///< a device that was asked for and is absent
  unwritable,    ///< a place that cannot be opened for writing
  unwritten,     ///< data that could not be written to an open place
  disk_full,     ///< the same for lack of space
  settings,      ///< settings that cannot work
  unmapped,      ///< memory that cannot be read or written where it is
  unauthorized,  ///< a server that does not let us in, or that is not who it should be
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
