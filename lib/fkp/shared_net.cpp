// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/shared_net.h"

#include <map>
#include <mutex>

#include "fkp/core/error.h"

namespace fkp {
namespace {

struct Entry {
  std::weak_ptr<KeypointNet> net;
  KeypointNetOptions options;
  std::string first_user;
};

/// The first option in which two sets differ, as "name=one, not name=other".
std::string difference(const KeypointNetOptions& one, const KeypointNetOptions& other) {
  const auto differ = [](const std::string& name, const std::string& a, const std::string& b) {
    return name + "=" + a + ", not " + name + "=" + b;
  };
  const auto milliseconds = [](double seconds) { return std::to_string(static_cast<int>(seconds * 1000 + 0.5)); };
  if (one.model != other.model) return differ("model", one.model, other.model);
  if (one.device != other.device) return differ("device", one.device, other.device);
  if (one.threads != other.threads) return differ("threads", std::to_string(one.threads), std::to_string(other.threads));
  if (one.batch_size != other.batch_size) return differ("batch-size", std::to_string(one.batch_size), std::to_string(other.batch_size));
  return differ("batch-timeout", milliseconds(one.batch_timeout), milliseconds(other.batch_timeout));
}

}  // namespace

std::shared_ptr<KeypointNet> shared_net(const std::string& id, const KeypointNetOptions& options, const std::string& user) {
  if (id.empty()) return std::make_shared<KeypointNet>(options);
  static std::mutex mutex;
  static std::map<std::string, Entry> entries;
  const std::lock_guard lock(mutex);  // while it loads, too: whoever comes second waits for the same network
  Entry& entry = entries[id];
  if (auto net = entry.net.lock()) {
    if (entry.options == options) return net;
    throw Error(ErrorKind::mismatch, user + ": model-instance-id '" + id + "' is in use by " + entry.first_user + " with " +
                                         difference(entry.options, options) + "; give both the same properties or another id");
  }
  auto net = std::make_shared<KeypointNet>(options);
  entry = {net, options, user};
  return net;
}

}  // namespace fkp
