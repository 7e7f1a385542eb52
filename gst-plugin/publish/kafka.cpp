// SPDX-License-Identifier: LGPL-2.1-or-later
#include <librdkafka/rdkafka.h>
#include <poll.h>

#include <array>
#include <sstream>

#include "brokers.h"
#include "wakeup.h"

namespace fkp {
namespace {

using std::chrono::milliseconds;

template <auto free>
struct Free {
  template <typename T>
  void operator()(T* p) const {
    free(p);
  }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, Free<rd_kafka_conf_destroy>>;
using Producer = std::unique_ptr<rd_kafka_t, Free<rd_kafka_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Free<rd_kafka_queue_destroy>>;

/// Whether the error is due to the message itself, so that sending it again cannot help.
bool permanent(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
      return true;
    default:
      return false;
  }
}

ErrorKind kind_of(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return ErrorKind::unauthorized;
    default:
      return ErrorKind::unwritten;
  }
}

/// An idempotent producer. librdkafka reconnects and resends on its own, in order and without duplicates, for as long as it takes;
/// a new producer is made only after an error from which it cannot recover.
class Kafka : public Broker {
 public:
  Kafka(const ServerOptions& server, const KafkaOptions& options, BrokerEvents& events);
  ~Kafka() override { drop_producer(); }
  std::string name() const override { return "kafka://" + brokers_; }
  void open() override;
  bool ready() const override { return true; }
  void send(const QueuedLine& line) override;
  void work(int wake, milliseconds at_most) override;
  void close() override { drop_producer(); }

 private:
  void set(const std::string& key, const std::string& value);
  void set_more(const std::string& list);
  void make_producer();
  void drop_producer();
  void report(const rd_kafka_message_t& message);
  void error(rd_kafka_resp_err_t error, const char* reason);

  const ServerOptions server_;
  const KafkaOptions options_;
  BrokerEvents& events_;
  const std::string brokers_;
  Wakeup wakeup_;  // signalled by librdkafka's threads when there is something to poll
  Conf conf_;
  Producer producer_;
  bool used_ = false;               // whether the constructor's producer has been used
  std::string last_reason_;         // why a broker was lost
  std::unique_ptr<Error> failure_;  // from which this producer cannot recover
};

Kafka::Kafka(const ServerOptions& server, const KafkaOptions& options, BrokerEvents& events)
    : server_(server),
      options_(options),
      events_(events),
      brokers_(options.brokers.empty() ? with_port(server.host, server.port ? server.port : 9092) : options.brokers),
      conf_(rd_kafka_conf_new()) {
  if (server.topic.empty()) throw Error(ErrorKind::settings, "topic is empty: set it to the topic to produce to");
  set("bootstrap.servers", brokers_);
  set("enable.idempotence", "true");
  set("message.timeout.ms", "0");        // none: our own queue decides which lines are too old
  set("partitioner", "murmur2_random");  // as Kafka's own client: a key has the same partition, whichever client sends
  set("compression.codec", options.compression);
  set("reconnect.backoff.ms", std::to_string(options.first_delay));
  set("reconnect.backoff.max.ms", std::to_string(options.longest_delay));
  if (!server.client_id.empty()) set("client.id", server.client_id);
  const bool sasl = !server.username.empty();
  set("security.protocol", server.tls ? sasl ? "sasl_ssl" : "ssl" : sasl ? "sasl_plaintext" : "plaintext");
  if (sasl) {
    set("sasl.mechanism", options.sasl_mechanism);
    set("sasl.username", server.username);
    set("sasl.password", server.password);
  }
  if (!server.ca_file.empty()) set("ssl.ca.location", server.ca_file);
  if (!server.cert_file.empty()) set("ssl.certificate.location", server.cert_file);
  if (!server.key_file.empty()) set("ssl.key.location", server.key_file);
  set_more(options.more);

  rd_kafka_conf_set_opaque(conf_.get(), this);
  rd_kafka_conf_set_dr_msg_cb(
      conf_.get(), [](rd_kafka_t*, const rd_kafka_message_t* message, void* self) { static_cast<Kafka*>(self)->report(*message); });
  rd_kafka_conf_set_error_cb(conf_.get(), [](rd_kafka_t*, int code, const char* reason, void* self) {
    static_cast<Kafka*>(self)->error(static_cast<rd_kafka_resp_err_t>(code), reason);
  });
  // Otherwise it logs to standard error; what matters comes through the error callback.
  rd_kafka_conf_set_log_cb(conf_.get(), nullptr);
  make_producer();  // throws if the options are wrong
}

void Kafka::set(const std::string& key, const std::string& value) {
  std::array<char, 512> reason{};
  if (rd_kafka_conf_set(conf_.get(), key.c_str(), value.c_str(), reason.data(), reason.size()) != RD_KAFKA_CONF_OK)
    throw Error(ErrorKind::settings, std::string("librdkafka: ") + reason.data());
}

void Kafka::set_more(const std::string& list) {
  std::istringstream in(list);
  for (std::string setting; std::getline(in, setting, ';');) {
    const auto equals = setting.find('=');
    if (equals == std::string::npos) throw Error(ErrorKind::settings, "kafka-options must be KEY=VALUE;KEY=VALUE: one part has no =");
    set(setting.substr(0, equals), setting.substr(equals + 1));
  }
}

void Kafka::make_producer() {
  drop_producer();
  failure_.reset();
  std::array<char, 512> reason{};
  Conf conf(rd_kafka_conf_dup(conf_.get()));
  producer_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), reason.data(), reason.size()));
  if (!producer_) throw Error(ErrorKind::settings, std::string("librdkafka: ") + reason.data());
  [[maybe_unused]] auto* taken = conf.release();
  const Queue queue(rd_kafka_queue_get_main(producer_.get()));
  const std::uint64_t one = 1;
  rd_kafka_queue_io_event_enable(queue.get(), wakeup_.fd(), &one, sizeof one);
}

void Kafka::drop_producer() {
  // Otherwise destroying it waits for the messages in flight.
  if (producer_) rd_kafka_purge(producer_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
  producer_.reset();
}

void Kafka::open() {
  if (used_) make_producer();
  used_ = true;
  events_.restarted();
}

void Kafka::send(const QueuedLine& line) {
  const auto error =
      rd_kafka_producev(producer_.get(), RD_KAFKA_V_TOPIC(server_.topic.c_str()), RD_KAFKA_V_KEY(options_.key.data(), options_.key.size()),
                        RD_KAFKA_V_VALUE(const_cast<char*>(line.text->data()), line.text->size()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                        // The ticket as a pointer: it comes back with the delivery report.
                        RD_KAFKA_V_OPAQUE(reinterpret_cast<void*>(static_cast<std::uintptr_t>(line.ticket))), RD_KAFKA_V_END);
  if (permanent(error)) return events_.refused(line.ticket, rd_kafka_err2str(error));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw Error(kind_of(error), rd_kafka_err2str(error));
}

void Kafka::work(int wake, milliseconds at_most) {
  std::array<pollfd, 2> fds{{{wakeup_.fd(), POLLIN, 0}, {wake, POLLIN, 0}}};
  poll(fds.data(), fds.size(), static_cast<int>(at_most.count()));
  wakeup_.clear();
  rd_kafka_poll(producer_.get(), 0);
  if (failure_) throw Error(*failure_);
}

void Kafka::report(const rd_kafka_message_t& message) {
  const auto ticket = static_cast<Ticket>(reinterpret_cast<std::uintptr_t>(message._private));
  switch (message.err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return events_.delivered(ticket);
    case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
    case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
    case RD_KAFKA_RESP_ERR__DESTROY:
      return;
    default:
      if (permanent(message.err)) return events_.refused(ticket, rd_kafka_err2str(message.err));
      if (!failure_) failure_ = std::make_unique<Error>(kind_of(message.err), rd_kafka_err2str(message.err));
  }
}

void Kafka::error(rd_kafka_resp_err_t error, const char* reason) {
  std::array<char, 512> text{};
  if (error == RD_KAFKA_RESP_ERR__FATAL) {
    const auto fatal = rd_kafka_fatal_error(producer_.get(), text.data(), text.size());
    failure_ = std::make_unique<Error>(kind_of(fatal), text.data());
  } else if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    events_.trouble(Error(kind_of(error), reason + (last_reason_.empty() ? "" : " (" + last_reason_ + ")")));
  } else if (kind_of(error) == ErrorKind::unauthorized) {
    events_.trouble(Error(ErrorKind::unauthorized, reason));
  } else {
    last_reason_ = reason;  // one broker of several: the others may work
  }
}

}  // namespace

std::unique_ptr<Broker> make_kafka(const ServerOptions& server, const KafkaOptions& options, BrokerEvents& events) {
  return std::make_unique<Kafka>(server, options, events);
}

}  // namespace fkp
