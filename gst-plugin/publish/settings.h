// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>

#include <string>

#include "brokers.h"
#include "courier.h"
#include "fkp/core/frame_json.h"
#include "frame_filter.h"
#include "properties.h"

namespace fkp {

enum class Method { file, standard_output, mqtt, kafka };

/// The properties of fkppublish.
struct PublishSettings {
  Method method = Method::file;
  std::string location, stream_id;
  bool append = false;
  std::string uri_problem;  ///< what is wrong with the URI that was set
  std::string password_file;
  ServerOptions server;
  MqttOptions mqtt;
  KafkaOptions kafka;
  CourierOptions courier;
  JsonOptions json;
  FrameFilterOptions filter;
};

const Properties<PublishSettings>& publish_properties();

/// Sets method, location, host, port, topic, username, password and tls as a URI says: file:///PATH, mqtt://USER:PASSWORD@HOST:PORT/TOPIC,
/// mqtts://…, kafka://…, kafkas://… Throws Error (settings), whose message leaves out the URI, which may hold a password.
void apply_uri(PublishSettings& settings, const std::string& uri);

}  // namespace fkp
