// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <memory>
#include <string>

#include "broker.h"

namespace fkp {

/// How to reach a server and who one is there. Empty: not set.
struct ServerOptions {
  std::string host = "localhost";
  int port = 0;  ///< 0: the method's own
  std::string topic = "fkp";
  std::string client_id, username, password;
  bool tls = false;
  std::string ca_file, cert_file, key_file;  ///< PEM; without ca_file the system's authorities are trusted
};

/// HOST:PORT; an IPv6 address goes into brackets.
std::string with_port(const std::string& host, int port);

struct MqttOptions : ServerOptions {
  int qos = 1;
  bool retain = false;
  int keep_alive = 30;  ///< seconds
  std::string will_topic, will_message;
  bool will_retain = false;
  int most_in_flight = 20;
};

struct KafkaOptions : ServerOptions {
  std::string brokers;  ///< HOST:PORT, several with commas between; empty: host and port
  std::string key;      ///< of every message
  std::string compression = "none";
  std::string sasl_mechanism = "PLAIN";         ///< where there is a user name
  int first_delay = 500, longest_delay = 5000;  ///< milliseconds between two tries to connect
  std::string more;                             ///< KEY=VALUE;KEY=VALUE: settings of librdkafka
};

/// Connect nowhere yet. Throw Error (settings, not_found, unreadable) about options that cannot work, among them that the method was
/// left out when fkp was built.
std::unique_ptr<Broker> make_mqtt(const MqttOptions& options, BrokerEvents& events);
std::unique_ptr<Broker> make_kafka(const KafkaOptions& options, BrokerEvents& events);

}  // namespace fkp
