// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <memory>
#include <string>

#include "broker.h"

namespace fkp {

/// How to reach a server and log in there. Empty: not set.
struct ServerOptions {
  std::string host = "localhost";
  int port = 0;  ///< 0: the method's default
  std::string topic = "fkp";
  std::string client_id, username, password;
  bool tls = false;
  std::string ca_file, cert_file, key_file;  ///< PEM; without ca_file the system's authorities are trusted
};

/// HOST:PORT; an IPv6 address is put in brackets.
inline std::string with_port(const std::string& host, int port) {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

struct MqttOptions {
  int qos = 1;
  bool retain = false;
  int keep_alive = 30;  ///< seconds
  std::string will_topic, will_message;
  bool will_retain = false;
  int most_in_flight = 20;
};

struct KafkaOptions {
  std::string brokers;  ///< HOST:PORT, separated by commas; empty: the server's host and port
  std::string key;      ///< of every message
  std::string compression = "none";
  std::string sasl_mechanism = "PLAIN";         ///< used if there is a user name
  int first_delay = 500, longest_delay = 5000;  ///< milliseconds between two attempts to connect
  std::string more;                             ///< KEY=VALUE;KEY=VALUE: librdkafka's settings
};

/// They do not connect yet. They throw Error (settings, not_found, unreadable) if the options cannot work, or if the method was left
/// out of the build.
std::unique_ptr<Broker> make_mqtt(const ServerOptions& server, const MqttOptions& options, BrokerEvents& events);
std::unique_ptr<Broker> make_kafka(const ServerOptions& server, const KafkaOptions& options, BrokerEvents& events);

}  // namespace fkp
