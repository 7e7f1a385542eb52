// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <memory>

#include "settings.h"

namespace fkp {

/// Opens the sink that the settings describe. Throws Error if they cannot work. `notify` gets a courier's notices.
std::unique_ptr<Sink> open_destination(const PublishSettings& settings, Courier::Notify notify);

}  // namespace fkp
