// SPDX-License-Identifier: LGPL-2.1-or-later
#include "loaded_network.h"

#include <stdexcept>

#include "element.h"

namespace fkp {
LoadedNetwork::LoadedNetwork(const PropertyValues& detect, const std::string& instance) : detector_(make_element("fkpdetect", nullptr)) {
  g_object_set(detector_.get(), "model-instance-id", instance.c_str(), nullptr);
  apply(detect, detector_.get());
  const GstPtr<GstBus> bus(gst_bus_new());
  gst_element_set_bus(detector_.get(), bus.get());
  const bool loaded = gst_element_set_state(detector_.get(), GST_STATE_PAUSED) != GST_STATE_CHANGE_FAILURE;
  gst_element_set_bus(detector_.get(), nullptr);
  if (loaded) return;
  gst_element_set_state(detector_.get(), GST_STATE_NULL);
  const GstPtr<GstMessage> error(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR));
  throw std::runtime_error(error ? text_of(error.get()) : "the network cannot be loaded");
}

}  // namespace fkp
