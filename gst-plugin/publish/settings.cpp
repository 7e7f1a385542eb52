// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings.h"

namespace fkp {
namespace {

GType method_type() {
  static const GEnumValue values[] = {
      {static_cast<int>(Method::file), "A file, named by location", "file"},
      {static_cast<int>(Method::standard_output), "Standard output", "stdout"},
      {static_cast<int>(Method::mqtt), "An MQTT broker, at host and port, under topic", "mqtt"},
      {static_cast<int>(Method::kafka), "Kafka, at brokers (or host and port), under topic, with stream-id as key", "kafka"},
      {0, nullptr, nullptr}};
  static const GType type = plugin_enum("GstFkpPublishMethod", values);
  return type;
}

constexpr GEnumValue kCompressions[] = {{0, "None", "none"}, {1, "gzip", "gzip"}, {2, "Snappy", "snappy"},
                                        {3, "LZ4", "lz4"},   {4, "zstd", "zstd"}, {0, nullptr, nullptr}};

GType compression_type() {
  static const GType type = plugin_enum("GstFkpPublishCompression", kCompressions);
  return type;
}

GType include_type() {
  static const GFlagsValue values[] = {{kIncludeTime, "stream_time, time and time_source of a frame", "time"},
                                       {kIncludeBox, "The box of a face", "box"},
                                       {kIncludeScore, "The score of a face", "score"},
                                       {kIncludeHeld, "Whether a face is held", "held"},
                                       {kIncludePoints, "The points of a face", "points"},
                                       {kIncludeConfidence, "The confidence of a point", "confidence"},
                                       {0, nullptr, nullptr}};
  static const GType type = plugin_flags("GstFkpPublishInclude", values);
  return type;
}

constexpr guint kHour = 3'600'000;  // milliseconds

}  // namespace

const Properties<PublishSettings>& publish_properties() {
  static const auto all =
      Properties<PublishSettings>()
          .choice(
              "method", "Method", "Where to publish", method_type(), kFixed, [](auto& s) -> auto& { return s.method; })
          .text(
              "location", "Location", "method=file: path of the file to write; it is overwritten, unless append is set", kFixed,
              [](auto& s) -> auto& { return s.location; })
          .flag(
              "append", "Append", "method=file: keep what is in the file, and add lines at its end", kFixed,
              [](auto& s) -> auto& { return s.append; })
          .text(
              "stream-id", "Stream id",
              "Name of the stream, written with every frame (text); empty: left out. Kafka: the key of every message", kFixed,
              [](auto& s) -> auto& { return s.stream_id; })
          .other(
              g_param_spec_string("uri", "URI",
                                  "Sets method, location, host, port, topic, username, password and tls at once: file:///PATH, "
                                  "mqtt://USER:PASSWORD@HOST:PORT/TOPIC, mqtts://…, kafka://…, kafkas://…",
                                  nullptr, kSecret),
              [](PublishSettings& s, const GValue* v) {
                s.uri_problem.clear();
                try {
                  if (!text_of(v).empty()) apply_uri(s, text_of(v));
                } catch (const Error& e) {  // for start(), where an element may fail
                  s.uri_problem = e.what();
                }
              },
              nullptr)

          .other(
              g_param_spec_flags("include", "Include",
                                 "Which fields of a frame and its faces are written, besides those that every line has", include_type(),
                                 kIncludeAll, kPlaying),
              [](PublishSettings& s, const GValue* v) { s.json.include = g_value_get_flags(v); },
              [](const PublishSettings& s, GValue* v) { g_value_set_flags(v, s.json.include); })
          .number(
              "decimals", "Decimals", "Decimal places of coordinates; scores and confidences have two", 0, 6, kPlaying,
              [](auto& s) -> auto& { return s.json.decimals; })
          .flag(
              "only-when-changed", "Only when changed",
              "Leave out frames that show the same as the last one published: the same faces, unmoved, held or not as before", kPlaying,
              [](auto& s) -> auto& { return s.filter.only_when_changed; })
          .number(
              "min-movement", "Minimum movement", "only-when-changed: pixels by which a point or a box must have moved to count", 0., 1e6,
              kPlaying, [](auto& s) -> auto& { return s.filter.min_movement; })
          .number(
              "max-rate", "Maximum rate", "Maximum number of frames per second, by their timestamps, that are published (0: all)", 0., 1e6,
              kPlaying, [](auto& s) -> auto& { return s.filter.max_rate; })

          .text(
              "host", "Host", "MQTT, Kafka: name or address of the broker", kFixed, [](auto& s) -> auto& { return s.server.host; })
          .number(
              "port", "Port", "MQTT, Kafka: port of the broker (0: 1883, with TLS 8883; Kafka 9092)", 0, 65535, kFixed,
              [](auto& s) -> auto& { return s.server.port; })
          .text(
              "brokers", "Brokers", "Kafka: HOST:PORT,HOST:PORT…, instead of host and port", kFixed,
              [](auto& s) -> auto& { return s.kafka.brokers; })
          .text(
              "topic", "Topic", "MQTT, Kafka: where to publish", kFixed, [](auto& s) -> auto& { return s.server.topic; })
          .text(
              "client-id", "Client id",
              "MQTT, Kafka: name of this client, unique at its broker (empty: one is made up). With mqtt-qos=2 it is what makes a line "
              "arrive exactly once even if the connection breaks",
              kFixed, [](auto& s) -> auto& { return s.server.client_id; })
          .text(
              "username", "User name", "MQTT, Kafka: user to log in as (empty: no login)", kFixed,
              [](auto& s) -> auto& { return s.server.username; })
          .text(
              "password", "Password", "MQTT, Kafka: can be set, not read; a command line shows it to other users, so prefer password-file",
              kSecret, [](auto& s) -> auto& { return s.server.password; })
          .text(
              "password-file", "Password file", "MQTT, Kafka: file whose first line is the password", kFixed,
              [](auto& s) -> auto& { return s.password_file; })
          .flag(
              "tls", "TLS", "MQTT, Kafka: encrypt, and verify the broker's certificate and name; implied by ca-file", kFixed,
              [](auto& s) -> auto& { return s.server.tls; })
          .text(
              "ca-file", "CA file", "MQTT, Kafka: certificates to trust, PEM (empty: the system's)", kFixed,
              [](auto& s) -> auto& { return s.server.ca_file; })
          .text(
              "cert-file", "Certificate file", "MQTT, Kafka: client certificate, PEM, for brokers that ask for one", kFixed,
              [](auto& s) -> auto& { return s.server.cert_file; })
          .text(
              "key-file", "Key file", "MQTT, Kafka: the key of cert-file, PEM, not encrypted", kFixed,
              [](auto& s) -> auto& { return s.server.key_file; })

          .number(
              "mqtt-qos", "MQTT QoS",
              "MQTT: if the connection breaks, a line may be lost (0) or come twice (1), or comes exactly once (2, see client-id)", 0, 2,
              kFixed, [](auto& s) -> auto& { return s.mqtt.qos; })
          .flag(
              "retain", "Retain", "MQTT: the broker keeps the last line for later subscribers", kFixed,
              [](auto& s) -> auto& { return s.mqtt.retain; })
          .number(
              "keep-alive", "Keep alive", "MQTT: seconds; a broker that is silent for up to twice as long counts as gone", 5, 65535, kFixed,
              [](auto& s) -> auto& { return s.mqtt.keep_alive; })
          .text(
              "will-topic", "Will topic", "MQTT: topic to which the broker publishes will-message when this client vanishes (empty: none)",
              kFixed, [](auto& s) -> auto& { return s.mqtt.will_topic; })
          .text(
              "will-message", "Will message", "MQTT: see will-topic", kFixed, [](auto& s) -> auto& { return s.mqtt.will_message; })
          .flag(
              "will-retain", "Will retain", "MQTT: the broker keeps will-message for later subscribers", kFixed,
              [](auto& s) -> auto& { return s.mqtt.will_retain; })

          .other(
              g_param_spec_enum("compression", "Compression", "Kafka: how messages are compressed", compression_type(), 0, kFixed),
              [](PublishSettings& s, const GValue* v) { s.kafka.compression = kCompressions[g_value_get_enum(v)].value_nick; },
              [](const PublishSettings& s, GValue* v) {
                for (const GEnumValue& c : kCompressions)
                  if (c.value_nick && s.kafka.compression == c.value_nick) g_value_set_enum(v, c.value);
              })
          .text(
              "sasl-mechanism", "SASL mechanism", "Kafka: how to log in with username: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512", kFixed,
              [](auto& s) -> auto& { return s.kafka.sasl_mechanism; })
          .text(
              "kafka-options", "Kafka options", "Kafka: further librdkafka settings, KEY=VALUE;KEY=VALUE; can be set, not read", kSecret,
              [](auto& s) -> auto& { return s.kafka.more; })

          .number(
              "queue-size", "Queue size",
              "MQTT, Kafka: maximum number of lines that wait for the broker; beyond that the oldest are dropped", 1U, guint{G_MAXINT},
              kFixed, [](auto& s) -> auto& { return s.courier.limits.lines; })
          .number(
              "queue-bytes", "Queue bytes",
              "MQTT, Kafka: maximum number of bytes that wait for the broker; beyond that the oldest lines are dropped", 1U,
              guint{G_MAXINT}, kFixed, [](auto& s) -> auto& { return s.courier.limits.bytes; })
          .number(
              "max-in-flight", "Maximum in flight",
              "MQTT, Kafka: maximum number of lines that are sent ahead of the broker's confirmation (mqtt-qos=2: 20, as brokers drop "
              "more)",
              1U, guint{10'000}, kFixed, [](auto& s) -> auto& { return s.courier.most_in_flight; })
          .number(
              "drain-timeout", "Drain timeout",
              "MQTT, Kafka: maximum number of milliseconds for which the end of the stream or a stop waits for lines to be delivered", 0U,
              kHour, kFixed, [](auto& s) -> auto& { return s.courier.drain; })
          .number(
              "reconnect-delay", "Reconnect delay",
              "MQTT, Kafka: milliseconds before the first attempt to reconnect; doubled after each attempt", 1U, kHour, kFixed,
              [](auto& s) -> auto& { return s.courier.first_delay; })
          .number(
              "reconnect-delay-max", "Maximum reconnect delay",
              "MQTT, Kafka: maximum number of milliseconds between two attempts to reconnect", 1U, kHour, kFixed,
              [](auto& s) -> auto& { return s.courier.longest_delay; });
  return all;
}

}  // namespace fkp
