// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <memory>

#include "settings.h"

namespace fkp {

/// The sink that the settings describe. Throws Error about what cannot work. `notify` is told what befalls a broker.
std::unique_ptr<Sink> open_destination(const PublishSettings& settings, Courier::Notify notify);

}  // namespace fkp
