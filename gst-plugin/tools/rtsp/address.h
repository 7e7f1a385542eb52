// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <vector>

namespace fkp {

/// Where a camera is and who asks it, apart from each other, so that messages name the camera alone.
struct Address {
  std::string location;  ///< the URI without user and password, as rtspsrc takes it
  std::string user, password;

  /// For people: without a query, as cameras take passwords there, too.
  std::string shown() const;
};

/// Takes "rtsp://user:password@host/path" apart; a password may hold any letter but '/', '?' and '#', or be
/// percent-encoded. Throws std::invalid_argument with what is wrong, which never quotes the URI.
Address parse_address(const std::string& uri);

/// What must not be read by others, and texts without it.
class Secrets {
 public:
  /// The password, as it is and percent-encoded, and the query.
  void add(const Address& address);
  void add(const std::string& secret);

  /// The text with "***" in place of every secret.
  std::string hidden(std::string text) const;

 private:
  std::vector<std::string> all_;
};

}  // namespace fkp
