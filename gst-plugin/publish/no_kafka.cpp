// SPDX-License-Identifier: LGPL-2.1-or-later
#include "brokers.h"

namespace fkp {

std::unique_ptr<Broker> make_kafka(const ServerOptions&, const KafkaOptions&, BrokerEvents&) {
  throw Error(ErrorKind::settings,
              "method=kafka is not in this build of fkppublish; install librdkafka-dev and build fkp again with -Dkafka=enabled");
}

}  // namespace fkp
