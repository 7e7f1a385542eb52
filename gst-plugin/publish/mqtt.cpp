// SPDX-License-Identifier: LGPL-2.1-or-later
#include <mosquitto.h>
#include <poll.h>

#include <cerrno>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "brokers.h"

namespace fkp {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto kConnectTimeout = std::chrono::seconds(10);  // until the broker has answered

struct Destroy {
  void operator()(mosquitto* client) const { mosquitto_destroy(client); }
};
using Client = std::unique_ptr<mosquitto, Destroy>;

const char* c_str(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

void check(int rc, const std::string& what) {
  if (rc != MOSQ_ERR_SUCCESS)
    throw Error(ErrorKind::settings, what + ": " + (rc == MOSQ_ERR_ERRNO ? std::strerror(errno) : mosquitto_strerror(rc)));
}

/// A client driven by one thread, with libmosquitto's functions for external event loops.
///
/// It makes a new libmosquitto client for every connection, so that only one queue, ours, resends unconfirmed lines. Only with QoS 2
/// and a client id is the client kept: both sides then know which parts of a session are still to be done, and that is what makes
/// delivery "exactly once".
class Mqtt : public Broker {
 public:
  Mqtt(const ServerOptions& server, const MqttOptions& options, BrokerEvents& events);
  std::string name() const override { return name_; }
  void open() override;
  bool ready() const override { return ready_; }
  void send(const QueuedLine& line) override;
  void work(int wake, milliseconds at_most) override;
  void forget() override { resuming_ = false; }
  void close() override { mosquitto_disconnect(client_.get()); }

 private:
  Client make_client(bool clean_session);
  void on_connect(int rc, bool session_present);
  void on_publish(int id);
  void on_log(int level, const char* text);
  [[noreturn]] void fail(int rc, int error_number) const;

  const ServerOptions server_;
  const MqttOptions options_;
  BrokerEvents& events_;
  const int port_;
  const std::string name_;
  const bool keeps_session_;

  Client client_;
  steady_clock::time_point deadline_;
  bool ready_ = false;
  bool resuming_ = false;      // the client has been connected before
  bool purging_ = false;       // connected only to make the broker forget an earlier run's session
  bool reopen_ = false;        // connect again at once, with what was learnt
  bool ipv4_only_ = false;     // for this attempt
  std::string refusal_, log_;  // the broker's reason; the errors that the library logged
  bool unauthorized_ = false;
  std::unordered_map<int, Ticket> sent_;  // by message id
  int sending_ = 0;                       // message id, …
  Ticket sending_ticket_ = 0;             // … and ticket, within mosquitto_publish()
};

Mqtt::Mqtt(const ServerOptions& server, const MqttOptions& options, BrokerEvents& events)
    : server_(server),
      options_(options),
      events_(events),
      port_(server.port  ? server.port
            : server.tls ? 8883
                         : 1883),
      name_((server.tls ? "mqtts://" : "mqtt://") + with_port(server.host, port_)),
      keeps_session_(options.qos == 2 && !server.client_id.empty()) {
  check(mosquitto_pub_topic_check(server.topic.c_str()),
        "cannot publish to topic \"" + server.topic + "\" (it must not be empty or contain # or +)");
  if (mosquitto_validate_utf8(server.topic.c_str(), static_cast<int>(server.topic.size())) != MOSQ_ERR_SUCCESS)
    throw Error(ErrorKind::settings, "the topic has a control character, such as a line feed, or is not UTF-8");
  static const int initialised = mosquitto_lib_init();
  check(initialised, "libmosquitto does not start");
  make_client(true);  // throws if the options are wrong
}

Client Mqtt::make_client(bool clean_session) {
  Client client(mosquitto_new(c_str(server_.client_id), clean_session, this));
  if (!client) throw Error(ErrorKind::settings, "client-id \"" + server_.client_id + "\" cannot be used: " + std::strerror(errno));
  if (!server_.username.empty())
    check(mosquitto_username_pw_set(client.get(), server_.username.c_str(), c_str(server_.password)), "username or password");
  if (!options_.will_topic.empty())
    check(mosquitto_will_set(client.get(), options_.will_topic.c_str(), static_cast<int>(options_.will_message.size()),
                             options_.will_message.data(), options_.qos, options_.will_retain),
          "will-topic \"" + options_.will_topic + "\"");
  if (server_.tls) {
    const bool system = server_.ca_file.empty();
    if (system) check(mosquitto_int_option(client.get(), MOSQ_OPT_TLS_USE_OS_CERTS, 1), "the system's certificates");
    // An encrypted key is an error: there is nobody to type its passphrase.
    const auto no_passphrase = [](char*, int, int, void*) { return 0; };
    check(mosquitto_tls_set(client.get(), c_str(server_.ca_file), system ? "/etc/ssl/certs" : nullptr, c_str(server_.cert_file),
                            c_str(server_.key_file), no_passphrase),
          "ca-file, cert-file or key-file");
  }
  // The queue already limits the lines in flight to this number.
  mosquitto_max_inflight_messages_set(client.get(), static_cast<unsigned>(options_.most_in_flight));
  mosquitto_int_option(client.get(), MOSQ_OPT_TCP_NODELAY, 1);
  mosquitto_connect_with_flags_callback_set(
      client.get(), [](mosquitto*, void* self, int rc, int flags) { static_cast<Mqtt*>(self)->on_connect(rc, (flags & 1) != 0); });
  mosquitto_publish_callback_set(client.get(), [](mosquitto*, void* self, int id) { static_cast<Mqtt*>(self)->on_publish(id); });
  mosquitto_log_callback_set(client.get(),
                             [](mosquitto*, void* self, int level, const char* text) { static_cast<Mqtt*>(self)->on_log(level, text); });
  return client;
}

void Mqtt::open() {
  ready_ = false;
  reopen_ = false;
  refusal_.clear();
  log_.clear();
  deadline_ = steady_clock::now() + kConnectTimeout;
  if (!keeps_session_ || !resuming_) {
    client_ = make_client(purging_ || !keeps_session_);
    resuming_ = false;
    sent_.clear();
    events_.restarted();
  }
  // An asynchronous connect tries a name's first address only, often an IPv6 one: every second attempt uses IPv4.
  const char* bind_address = ipv4_only_ ? "0.0.0.0" : nullptr;
  ipv4_only_ = !ipv4_only_;
  errno = 0;
  const int rc = resuming_ ? mosquitto_reconnect_async(client_.get())
                           : mosquitto_connect_bind_async(client_.get(), server_.host.c_str(), port_, options_.keep_alive, bind_address);
  if (rc != MOSQ_ERR_SUCCESS) fail(rc, errno);
}

void Mqtt::send(const QueuedLine& line) {
  sending_ticket_ = line.ticket;
  errno = 0;
  const int rc = mosquitto_publish(client_.get(), &sending_, server_.topic.c_str(), static_cast<int>(line.text->size()), line.text->data(),
                                   options_.qos, options_.retain);
  const int error_number = errno;
  const Ticket unsettled = std::exchange(sending_ticket_, 0);
  if (rc == MOSQ_ERR_PAYLOAD_SIZE || rc == MOSQ_ERR_OVERSIZE_PACKET) return events_.refused(line.ticket, mosquitto_strerror(rc));
  if (unsettled != 0) sent_[sending_] = unsettled;  // even if it failed: a client that is kept has stored the line
  if (rc != MOSQ_ERR_SUCCESS) fail(rc, error_number);
}

void Mqtt::work(int wake, milliseconds at_most) {
  const int socket = mosquitto_socket(client_.get());
  if (socket < 0) fail(MOSQ_ERR_CONN_LOST, 0);
  pollfd fds[] = {{socket, static_cast<short>(POLLIN | (mosquitto_want_write(client_.get()) ? POLLOUT : 0)), 0}, {wake, POLLIN, 0}};
  poll(fds, 2, static_cast<int>(at_most.count()));

  const short ready = fds[0].revents;
  errno = 0;
  int rc = MOSQ_ERR_SUCCESS;
  // Until there is a connection, reading also drives the TLS handshake.
  if (ready & (POLLIN | POLLERR | POLLHUP) || (ready && !ready_)) rc = mosquitto_loop_read(client_.get(), 1);
  if (rc == MOSQ_ERR_SUCCESS && (ready & POLLOUT || reopen_)) rc = mosquitto_loop_write(client_.get(), 1);
  if (rc == MOSQ_ERR_SUCCESS && !reopen_) rc = mosquitto_loop_misc(client_.get());
  const int error_number = errno;

  if (reopen_) return open();
  if (rc != MOSQ_ERR_SUCCESS) fail(rc, error_number);
  if (!ready_ && ready & (POLLERR | POLLHUP)) fail(MOSQ_ERR_CONN_LOST, 0);
  if (!ready_ && steady_clock::now() > deadline_)
    throw Error(ErrorKind::unwritable, "no answer within " + std::to_string(kConnectTimeout.count()) + " seconds");
}

void Mqtt::on_connect(int rc, bool session_present) {
  if (rc != 0) {
    refusal_ = mosquitto_connack_string(rc);
    if (refusal_.back() == '.') refusal_.pop_back();
    unauthorized_ = rc == 4 || rc == 5;
    return;
  }
  const bool forgotten = resuming_ && !session_present;                  // by a broker that does not keep sessions on disk
  const bool strange = keeps_session_ && !resuming_ && session_present;  // of an earlier run: its message ids would be mistaken for ours
  if (purging_ || forgotten || strange) {
    reopen_ = true;
    resuming_ = false;
    purging_ = strange;
    mosquitto_disconnect(client_.get());  // is sent before anything of the old session that the library would send now
    return;
  }
  ready_ = true;
  ipv4_only_ = false;
  resuming_ = keeps_session_;
  events_.answered();
}

void Mqtt::on_publish(int id) {
  const auto sent = sent_.find(id);
  if (sent != sent_.end()) {
    events_.delivered(sent->second);
    sent_.erase(sent);
  } else if (sending_ticket_ != 0 && id == sending_) {  // QoS 0: mosquitto_publish() has written it
    events_.delivered(sending_ticket_);
    sending_ticket_ = 0;
  }
}

void Mqtt::on_log(int level, const char* text) {
  if (level == MOSQ_LOG_ERR) log_ += (log_.empty() ? "" : "; ") + std::string(text);
}

void Mqtt::fail(int rc, int error_number) const {
  if (!refusal_.empty()) throw Error(unauthorized_ ? ErrorKind::unauthorized : ErrorKind::unwritable, refusal_);
  const bool tls = rc == MOSQ_ERR_TLS || rc == MOSQ_ERR_TLS_HANDSHAKE || error_number == EPROTO;
  std::string reason = rc == MOSQ_ERR_KEEPALIVE                    ? "it no longer answers (keep-alive)"
                       : rc == MOSQ_ERR_ERRNO && error_number != 0 ? std::strerror(error_number)
                                                                   : mosquitto_strerror(rc);
  if (reason.back() == '.') reason.pop_back();
  if (!log_.empty()) reason += " (" + log_ + ")";
  throw Error(tls ? ErrorKind::unauthorized : ready_ ? ErrorKind::unwritten : ErrorKind::unwritable, reason);
}

}  // namespace

std::unique_ptr<Broker> make_mqtt(const ServerOptions& server, const MqttOptions& options, BrokerEvents& events) {
  return std::make_unique<Mqtt>(server, options, events);
}

}  // namespace fkp
