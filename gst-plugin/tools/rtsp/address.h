// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <vector>

namespace fkp {

/// A camera's location and the credentials for it, kept apart so that messages name the location only.
struct Address {
  std::string location;  ///< the URI without user and password, as rtspsrc takes it
  std::string user, password;

  /// For display: without the query, as some cameras take passwords there.
  std::string shown() const;
};

/// Parses "rtsp://user:password@host/path"; a password may contain any character except '/', '?' and '#', or be
/// percent-encoded. Throws std::invalid_argument with the reason, which never quotes the URI.
Address parse_address(const std::string& uri);

/// Secrets, and how to hide them in texts.
class Secrets {
 public:
  /// Adds the password, plain and percent-encoded, and the query.
  void add(const Address& address);
  void add(const std::string& secret);

  /// The text with "***" in place of every secret.
  std::string hidden(std::string text) const;

 private:
  std::vector<std::string> all_;
};

}  // namespace fkp
