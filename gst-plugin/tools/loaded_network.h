// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>

#include "gst_ptr.h"
#include "property_values.h"

namespace fkp {

/// The networks of fkpdetect, loaded for as long as this object lives; elements with the same `model-instance-id` share them.
class LoadedNetwork {
 public:
  /// For elements with these properties and this `model-instance-id`. Throws std::runtime_error.
  LoadedNetwork(const PropertyValues& detect, const std::string& instance);
  ~LoadedNetwork() { gst_element_set_state(detector_.get(), GST_STATE_NULL); }
  LoadedNetwork(const LoadedNetwork&) = delete;
  LoadedNetwork& operator=(const LoadedNetwork&) = delete;

 private:
  GstPtr<GstElement> detector_;
};

}  // namespace fkp
