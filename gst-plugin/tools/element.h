// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <vector>

#include "gst_ptr.h"
#include "property_values.h"

namespace fkp {

/// Says what is missing where GStreamer has no element of this name.
std::string lacks_element(const std::string& factory);

/// A new element. Throws Error (not_found) that says what is missing.
GstPtr<GstElement> make_element(const char* factory, const char* name);

/// Sets properties by their names. Throws Error (unreadable) that begins with where the one stands that does not fit.
void apply(const PropertyValues& values, GstElement* element);

/// The values of those that the element lets nobody read, as passwords.
std::vector<std::string> secret_values(const PropertyValues& values, const char* factory);

}  // namespace fkp
