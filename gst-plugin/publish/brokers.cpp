// SPDX-License-Identifier: LGPL-2.1-or-later
#include "brokers.h"

namespace fkp {

std::string with_port(const std::string& host, int port) {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

#if !FKP_MQTT || !FKP_KAFKA
static Error missing(const std::string& method, const std::string& package) {
  return Error(ErrorKind::settings, "method=" + method + " is not in this build of fkppublish; install " + package +
                                        " and build fkp again with -D" + method + "=enabled");
}
#endif

#if !FKP_MQTT
std::unique_ptr<Broker> make_mqtt(const MqttOptions&, BrokerEvents&) { throw missing("mqtt", "libmosquitto-dev"); }
#endif

#if !FKP_KAFKA
std::unique_ptr<Broker> make_kafka(const KafkaOptions&, BrokerEvents&) { throw missing("kafka", "librdkafka-dev"); }
#endif

}  // namespace fkp
