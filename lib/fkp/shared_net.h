// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <memory>
#include <string>

#include "fkp/keypoint_net.h"

namespace fkp {

/// The network that all users of `id` in this process share: loaded for the first of them, freed after the last. With an empty id it is the
/// caller's own. `user` names the caller in messages. Throws what KeypointNet throws, and Error (mismatch) if the id is in use with other
/// options.
std::shared_ptr<KeypointNet> shared_net(const std::string& id, const KeypointNetOptions& options, const std::string& user);

}  // namespace fkp
