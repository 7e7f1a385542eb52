// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <vector>

#include "gst_ptr.h"
#include "property_values.h"

namespace fkp {

/// An error message for an element that GStreamer does not have; says what is missing.
std::string lacks_element(const std::string& factory);

/// A new element. Throws Error (not_found) that says what is missing.
GstPtr<GstElement> make_element(const char* factory, const char* name);

/// The text of an element's error or warning, in one line.
std::string text_of(GstMessage* message);

/// Sets properties by name. Throws Error (unreadable) about one that does not fit, which begins with its `where`.
void apply(const PropertyValues& values, GstElement* element);

/// The values of those properties that cannot be read from the element, such as passwords.
std::vector<std::string> secret_values(const PropertyValues& values, const char* factory);

}  // namespace fkp
