// SPDX-License-Identifier: LGPL-2.1-or-later
#include "brokers.h"

namespace fkp {

std::unique_ptr<Broker> make_mqtt(const ServerOptions&, const MqttOptions&, BrokerEvents&) {
  throw Error(ErrorKind::settings,
              "method=mqtt is not in this build of fkppublish; install libmosquitto-dev and build fkp again with -Dmqtt=enabled");
}

}  // namespace fkp
