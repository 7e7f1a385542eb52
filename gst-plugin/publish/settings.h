// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>

#include <string>

#include "brokers.h"
#include "choice.h"
#include "courier.h"
#include "fkp/core/frame_json.h"

namespace fkp {

enum class Method { file, standard_output, mqtt, kafka };

/// What the properties of fkppublish say.
struct Settings {
  Method method = Method::file;
  std::string location, stream_id;
  std::string uri_problem;  ///< what is wrong with the one that was set
  std::string password_file;
  ServerOptions server;
  MqttOptions mqtt;    // without
  KafkaOptions kafka;  // the server's options
  CourierOptions courier;
  JsonOptions json;
  ChoiceOptions choice;
};

/// Installs the properties of Settings under the ids from 1 on; returns the next free id.
guint install_settings(GObjectClass* klass);

/// Sets or reads the property with that id. False where there is none.
bool set_setting(Settings& settings, guint id, const GValue* value);
bool get_setting(const Settings& settings, guint id, GValue* value);

/// Sets method, location, host, port, topic, username, password and tls as a URI says: file:///PATH, mqtt://USER:PASSWORD@HOST:PORT/TOPIC,
/// mqtts://…, kafka://…, kafkas://… Throws Error (settings), without the URI, which may hold a password.
void apply_uri(Settings& settings, const std::string& uri);

}  // namespace fkp
