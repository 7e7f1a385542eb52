// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/shared_net.h"

#include <map>
#include <mutex>
#include <set>

#include "fkp/core/error.h"

namespace fkp {
namespace {

struct Entry {
  std::weak_ptr<KeypointNet> net;
  KeypointNetOptions options;
  std::multiset<std::string> users;
};

struct Registry {
  std::mutex mutex;
  std::map<std::string, Entry> entries;
};

/// Lives until the process ends: static objects of a program, destroyed after those of this file, may be users.
Registry& registry() {
  static auto* const registry = new Registry;
  return *registry;
}

/// The user's own pointer to the network; its deleter removes the user from the entry.
std::shared_ptr<KeypointNet> handle(const std::shared_ptr<KeypointNet>& net, const std::string& id, const std::string& user) {
  return {net.get(), [net = std::shared_ptr<KeypointNet>(net), id, user](KeypointNet*) mutable {
            {
              const std::lock_guard lock(registry().mutex);
              const auto entry = registry().entries.find(id);
              auto& users = entry->second.users;
              users.erase(users.find(user));
              if (users.empty()) registry().entries.erase(entry);
            }
            net.reset();
          }};
}

/// The first option in which the two differ, as "name=one, not name=other"; empty if none.
std::string difference(const KeypointNetOptions& one, const KeypointNetOptions& other) {
  std::string found;
  const auto compare = [&](const std::string& name, const std::string& a, const std::string& b) {
    if (found.empty() && a != b) found = name + "=" + a + ", not " + name + "=" + b;
  };
  compare("model", one.model, other.model);
  compare("device", one.device, other.device);
  compare("threads", std::to_string(one.threads), std::to_string(other.threads));
  compare("batch-size", std::to_string(one.batch_size), std::to_string(other.batch_size));
  compare("batch-timeout", std::to_string(one.batch_timeout.count()), std::to_string(other.batch_timeout.count()));
  compare("precision", one.precision, other.precision);
  return found;
}

}  // namespace

std::shared_ptr<KeypointNet> shared_net(const std::string& id, const KeypointNetOptions& options, const std::string& user) {
  if (id.empty()) return std::make_shared<KeypointNet>(options);
  auto& [mutex, entries] = registry();
  const std::lock_guard lock(mutex);  // held while it loads, too: a second user waits for the same network
  if (const auto found = entries.find(id); found != entries.end()) {
    Entry& entry = found->second;
    if (const std::string difference_found = difference(entry.options, options); !difference_found.empty())
      throw Error(ErrorKind::mismatch, user + ": model-instance-id '" + id + "' is in use by " + *entry.users.begin() + " with " +
                                           difference_found + "; give both the same properties or another id");
    entry.users.insert(user);
    return handle(entry.net.lock(), id, user);
  }
  const auto net = std::make_shared<KeypointNet>(options);
  entries[id] = {net, options, {user}};
  return handle(net, id, user);
}

}  // namespace fkp
