// SPDX-License-Identifier: LGPL-2.1-or-later
#include "destination.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace fkp {
namespace {

std::string first_line(const std::string& property, const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!file || (!std::getline(file, line) && !file.eof()))
    throw Error(errno == ENOENT ? ErrorKind::not_found : ErrorKind::unreadable,
                property + " " + path + " cannot be read: " + std::strerror(errno));
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

/// The server's options, completed and checked.
ServerOptions server_of(const PublishSettings& settings) {
  ServerOptions server = settings.server;
  // One colon: an IPv6 address has more.
  const bool is_no_host = server.host.find('/') != std::string::npos || std::count(server.host.begin(), server.host.end(), ':') == 1;
  if (is_no_host && (settings.method == Method::mqtt || settings.kafka.brokers.empty()))
    throw Error(ErrorKind::settings, "host \"" + server.host + "\" is no name or address; give its port as port, or all of it as uri");
  if (!settings.password_file.empty()) {
    if (!server.password.empty()) throw Error(ErrorKind::settings, "password and password-file are both set; leave one out");
    server.password = first_line("password-file", settings.password_file);
  }
  if (!server.password.empty() && server.username.empty())
    throw Error(ErrorKind::settings, "a password is set without a user name; set username");
  if (server.cert_file.empty() != server.key_file.empty())
    throw Error(ErrorKind::settings, "cert-file and key-file belong together; set both or none");
  server.tls = server.tls || !server.ca_file.empty();
  if (!server.tls && !server.cert_file.empty()) throw Error(ErrorKind::settings, "cert-file is for TLS; set tls=true");
  // Tries to read the files, because the libraries' own messages do not name them.
  for (const auto& [property, path] :
       {std::pair("ca-file", server.ca_file), {"cert-file", server.cert_file}, {"key-file", server.key_file}})
    if (!path.empty()) first_line(property, path);
  return server;
}

// With QoS 2, Mosquitto silently drops what exceeds its max_inflight_messages; this is their default.
constexpr std::size_t kMostInFlightQos2 = 20;

}  // namespace

std::unique_ptr<Sink> open_destination(const PublishSettings& settings, Courier::Notify notify) {
  if (!settings.uri_problem.empty()) throw Error(ErrorKind::settings, settings.uri_problem);
  CourierOptions options = settings.courier;
  options.longest_delay = std::max(options.longest_delay, options.first_delay);
  if (settings.method == Method::mqtt && settings.mqtt.qos == 2)
    options.most_in_flight = std::min(options.most_in_flight, kMostInFlightQos2);
  const auto courier = [&](const Courier::MakeBroker& make) { return std::make_unique<Courier>(options, std::move(notify), make); };
  switch (settings.method) {
    case Method::standard_output:
      return open_stdout();
    case Method::mqtt: {
      MqttOptions mqtt = settings.mqtt;
      mqtt.most_in_flight = static_cast<int>(options.most_in_flight);
      return courier([&](BrokerEvents& events) { return make_mqtt(server_of(settings), mqtt, events); });
    }
    case Method::kafka: {
      KafkaOptions kafka = settings.kafka;
      kafka.key = settings.stream_id;
      kafka.first_delay = static_cast<int>(options.first_delay.count());
      kafka.longest_delay = static_cast<int>(options.longest_delay.count());
      return courier([&](BrokerEvents& events) { return make_kafka(server_of(settings), kafka, events); });
    }
    case Method::file:
      break;
  }
  if (settings.location.empty()) throw Error(ErrorKind::not_found, "No output file is set; set location.");
  return open_file(settings.location, settings.append);
}

}  // namespace fkp
