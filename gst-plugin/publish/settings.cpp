// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings.h"

#include <functional>
#include <vector>

namespace fkp {
namespace {

/// One property: how it is described, and how it is moved between Settings and a GValue.
struct Property {
  GParamSpec* spec;
  std::function<void(Settings&, const GValue*)> set;
  std::function<void(const Settings&, GValue*)> get;
};

constexpr auto kFixed = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
constexpr auto kSecret = static_cast<GParamFlags>(G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
constexpr auto kPlaying = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);

std::string text_of(const GValue* value) { return g_value_get_string(value) ? g_value_get_string(value) : ""; }

// The functions below make properties of a part of Settings, which `at` returns a reference to. Its default is the one in Settings.
template <typename At>
auto& default_of(At at) {
  static Settings defaults;
  return at(defaults);
}

template <typename At>
Property text(const char* name, const char* nick, const char* blurb, At at, GParamFlags flags = kFixed) {
  return {g_param_spec_string(name, nick, blurb, default_of(at).empty() ? nullptr : default_of(at).c_str(), flags),
          [at](Settings& s, const GValue* v) { at(s) = text_of(v); },
          [at](const Settings& s, GValue* v) {
            const std::string& now = at(const_cast<Settings&>(s));
            g_value_set_string(v, now.empty() ? nullptr : now.c_str());
          }};
}

template <typename At>
Property number(const char* name, const char* nick, const char* blurb, int least, int most, At at, GParamFlags flags = kFixed) {
  return {g_param_spec_int(name, nick, blurb, least, most, default_of(at), flags),
          [at](Settings& s, const GValue* v) { at(s) = g_value_get_int(v); },
          [at](const Settings& s, GValue* v) { g_value_set_int(v, at(const_cast<Settings&>(s))); }};
}

template <typename At>
Property count(const char* name, const char* nick, const char* blurb, guint most, At at) {
  return {g_param_spec_uint(name, nick, blurb, 1, most, static_cast<guint>(default_of(at)), kFixed),
          [at](Settings& s, const GValue* v) { at(s) = g_value_get_uint(v); },
          [at](const Settings& s, GValue* v) { g_value_set_uint(v, static_cast<guint>(at(const_cast<Settings&>(s)))); }};
}

template <typename At>
Property milliseconds(const char* name, const char* nick, const char* blurb, guint least, At at) {
  return {g_param_spec_uint(name, nick, blurb, least, 3'600'000, static_cast<guint>(default_of(at).count()), kFixed),
          [at](Settings& s, const GValue* v) { at(s) = std::chrono::milliseconds(g_value_get_uint(v)); },
          [at](const Settings& s, GValue* v) { g_value_set_uint(v, static_cast<guint>(at(const_cast<Settings&>(s)).count())); }};
}

template <typename At>
Property real(const char* name, const char* nick, const char* blurb, double most, At at) {
  return {g_param_spec_double(name, nick, blurb, 0, most, default_of(at), kPlaying),
          [at](Settings& s, const GValue* v) { at(s) = g_value_get_double(v); },
          [at](const Settings& s, GValue* v) { g_value_set_double(v, at(const_cast<Settings&>(s))); }};
}

template <typename At>
Property flag(const char* name, const char* nick, const char* blurb, At at, GParamFlags flags = kFixed) {
  return {g_param_spec_boolean(name, nick, blurb, default_of(at), flags),
          [at](Settings& s, const GValue* v) { at(s) = g_value_get_boolean(v); },
          [at](const Settings& s, GValue* v) { g_value_set_boolean(v, at(const_cast<Settings&>(s))); }};
}

GType method_type() {
  static const GEnumValue values[] = {
      {static_cast<int>(Method::file), "A file, named by location", "file"},
      {static_cast<int>(Method::standard_output), "Standard output, flushed line by line", "stdout"},
      {static_cast<int>(Method::mqtt), "An MQTT broker, at host and port, under topic", "mqtt"},
      {static_cast<int>(Method::kafka), "Kafka, at brokers (or host and port), under topic, with stream-id as key", "kafka"},
      {0, nullptr, nullptr}};
  static const GType type = g_enum_register_static("GstFkpPublishMethod", values);
  return type;
}

constexpr GEnumValue kCompressions[] = {{0, "None", "none"}, {1, "gzip", "gzip"}, {2, "Snappy", "snappy"},
                                        {3, "LZ4", "lz4"},   {4, "zstd", "zstd"}, {0, nullptr, nullptr}};

GType compression_type() {
  static const GType type = g_enum_register_static("GstFkpPublishCompression", kCompressions);
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
  static const GType type = g_flags_register_static("GstFkpPublishInclude", values);
  return type;
}

Property method() {
  return {g_param_spec_enum("method", "Method", "Where to publish", method_type(), static_cast<int>(Settings().method), kFixed),
          [](Settings& s, const GValue* v) { s.method = static_cast<Method>(g_value_get_enum(v)); },
          [](const Settings& s, GValue* v) { g_value_set_enum(v, static_cast<int>(s.method)); }};
}

Property uri() {
  return {g_param_spec_string("uri", "URI",
                              "Sets method, location, host, port, topic, username, password and tls at once: file:///PATH, "
                              "mqtt://USER:PASSWORD@HOST:PORT/TOPIC, mqtts://…, kafka://…, kafkas://…",
                              nullptr, kSecret),
          [](Settings& s, const GValue* v) {
            s.uri_problem.clear();
            try {
              if (!text_of(v).empty()) apply_uri(s, text_of(v));
            } catch (const Error& e) {  // start() is where an element may fail
              s.uri_problem = e.what();
            }
          },
          nullptr};
}

Property compression() {
  return {g_param_spec_enum("compression", "Compression", "Kafka: how messages are compressed", compression_type(), 0, kFixed),
          [](Settings& s, const GValue* v) { s.kafka.compression = kCompressions[g_value_get_enum(v)].value_nick; },
          [](const Settings& s, GValue* v) {
            for (const GEnumValue& c : kCompressions)
              if (c.value_nick && s.kafka.compression == c.value_nick) g_value_set_enum(v, c.value);
          }};
}

Property include() {
  return {g_param_spec_flags("include", "Include", "What is written of a frame and its faces, besides what every line has", include_type(),
                             kIncludeAll, kPlaying),
          [](Settings& s, const GValue* v) { s.json.include = g_value_get_flags(v); },
          [](const Settings& s, GValue* v) { g_value_set_flags(v, s.json.include); }};
}

// clang-format off
const std::vector<Property>& properties() {
  static const std::vector<Property> all = {
      method(),
      text("location", "Location", "method=file: path of the file to write; it is overwritten", [](auto& s) -> auto& { return s.location; }),
      text("stream-id", "Stream id", "Name of the stream, written with every frame (text); empty: left out. Kafka: the key of every message",
           [](auto& s) -> auto& { return s.stream_id; }),
      uri(),

      include(),
      number("decimals", "Decimals", "Decimals that coordinates are rounded to; scores and confidences have two", 0, 6,
             [](auto& s) -> auto& { return s.json.decimals; }, kPlaying),
      flag("only-when-changed", "Only when changed",
           "Leave out frames that show the same as the last one published: the same faces, none moved, held or not as before",
           [](auto& s) -> auto& { return s.choice.only_when_changed; }, kPlaying),
      real("min-movement", "Least movement", "only-when-changed: pixels that a point or a box must have gone to count as moved", 1e6,
           [](auto& s) -> auto& { return s.choice.min_movement; }),
      real("max-rate", "Highest rate", "Frames a second, by their timestamps, that are published at most (0: all)", 1e6,
           [](auto& s) -> auto& { return s.choice.max_rate; }),

      text("host", "Host", "MQTT, Kafka: name or address of the broker", [](auto& s) -> auto& { return s.server.host; }),
      number("port", "Port", "MQTT, Kafka: port of the broker (0: 1883, with TLS 8883; Kafka 9092)", 0, 65535,
             [](auto& s) -> auto& { return s.server.port; }),
      text("brokers", "Brokers", "Kafka: HOST:PORT,HOST:PORT… in place of host and port", [](auto& s) -> auto& { return s.kafka.brokers; }),
      text("topic", "Topic", "MQTT, Kafka: where to publish", [](auto& s) -> auto& { return s.server.topic; }),
      text("client-id", "Client id",
           "MQTT, Kafka: name of this client, no two of a broker the same (empty: one is made up). With qos=2 it is what makes a line "
           "arrive once even where the connection breaks", [](auto& s) -> auto& { return s.server.client_id; }),
      text("username", "User name", "MQTT, Kafka: who to log in as (empty: nobody)", [](auto& s) -> auto& { return s.server.username; }),
      text("password", "Password", "MQTT, Kafka: can be set, not read; others see it in a command line, so rather use password-file",
           [](auto& s) -> auto& { return s.server.password; }, kSecret),
      text("password-file", "Password file", "MQTT, Kafka: file whose first line is the password",
           [](auto& s) -> auto& { return s.password_file; }),
      flag("tls", "TLS", "MQTT, Kafka: encrypt, and verify the broker's certificate and name; ca-file implies it",
           [](auto& s) -> auto& { return s.server.tls; }),
      text("ca-file", "CA file", "MQTT, Kafka: certificates to trust, PEM (empty: the system's)", [](auto& s) -> auto& { return s.server.ca_file; }),
      text("cert-file", "Certificate file", "MQTT, Kafka: our own certificate, PEM, for brokers that ask for one",
           [](auto& s) -> auto& { return s.server.cert_file; }),
      text("key-file", "Key file", "MQTT, Kafka: the key of cert-file, PEM, not encrypted", [](auto& s) -> auto& { return s.server.key_file; }),

      number("qos", "QoS", "MQTT: 0: a line may be lost or, 1: come twice where the connection breaks; 2: it comes once (see client-id)",
             0, 2, [](auto& s) -> auto& { return s.mqtt.qos; }),
      flag("retain", "Retain", "MQTT: the broker keeps the last line for whoever subscribes later", [](auto& s) -> auto& { return s.mqtt.retain; }),
      number("keep-alive", "Keep alive", "MQTT: seconds; a broker that says nothing for up to twice as long counts as gone", 5, 65535,
             [](auto& s) -> auto& { return s.mqtt.keep_alive; }),
      text("will-topic", "Will topic", "MQTT: where the broker publishes will-message when this client vanishes (empty: nowhere)",
           [](auto& s) -> auto& { return s.mqtt.will_topic; }),
      text("will-message", "Will message", "MQTT: see will-topic", [](auto& s) -> auto& { return s.mqtt.will_message; }),
      flag("will-retain", "Will retain", "MQTT: the broker keeps will-message for whoever subscribes later",
           [](auto& s) -> auto& { return s.mqtt.will_retain; }),

      compression(),
      text("sasl-mechanism", "SASL mechanism", "Kafka: how to log in with username: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512",
           [](auto& s) -> auto& { return s.kafka.sasl_mechanism; }),
      text("kafka-options", "Kafka options", "Kafka: more settings of librdkafka, KEY=VALUE;KEY=VALUE; can be set, not read",
           [](auto& s) -> auto& { return s.kafka.more; }, kSecret),

      count("queue-size", "Queue size", "MQTT, Kafka: lines that wait for the broker at most; then the oldest go", G_MAXINT,
            [](auto& s) -> auto& { return s.courier.limits.lines; }),
      count("queue-bytes", "Queue bytes", "MQTT, Kafka: bytes that wait for the broker at most; then the oldest lines go", G_MAXINT,
            [](auto& s) -> auto& { return s.courier.limits.bytes; }),
      count("max-in-flight", "Most in flight", "MQTT, Kafka: lines that are sent ahead of the broker's confirmation at most (qos=2: 20, as brokers drop more)", 10'000,
            [](auto& s) -> auto& { return s.courier.most_in_flight; }),
      milliseconds("drain-timeout", "Drain timeout",
                   "MQTT, Kafka: milliseconds that the end of the stream or a stop waits at most for lines to be delivered", 0,
                   [](auto& s) -> auto& { return s.courier.drain; }),
      milliseconds("reconnect-delay", "Reconnect delay",
                   "MQTT, Kafka: milliseconds before the first try to connect again; it doubles from try to try", 1,
                   [](auto& s) -> auto& { return s.courier.first_delay; }),
      milliseconds("reconnect-delay-max", "Longest reconnect delay", "MQTT, Kafka: milliseconds that it grows to at most", 1,
                   [](auto& s) -> auto& { return s.courier.longest_delay; }),
  };
  return all;
}
// clang-format on

const Property* property(guint id) { return id >= 1 && id <= properties().size() ? &properties()[id - 1] : nullptr; }

}  // namespace

guint install_settings(GObjectClass* klass) {
  guint id = 1;
  for (const Property& p : properties()) g_object_class_install_property(klass, id++, p.spec);
  for (GType type : {method_type(), compression_type(), include_type()})
    gst_type_mark_as_plugin_api(type, static_cast<GstPluginAPIFlags>(0));
  return id;
}

bool set_setting(Settings& settings, guint id, const GValue* value) {
  const Property* p = property(id);
  if (p) p->set(settings, value);
  return p;
}

bool get_setting(const Settings& settings, guint id, GValue* value) {
  const Property* p = property(id);
  if (p && p->get) p->get(settings, value);
  return p;
}

}  // namespace fkp
