// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>

#include "brokers.h"
#include "settings.h"

namespace fkp {
namespace {

using testing::HasSubstr;
using testing::Not;

PublishSettings settings_of(const std::string& uri) {
  PublishSettings settings;
  apply_uri(settings, uri);
  return settings;
}

TEST(Uri, NamesABroker) {
  const PublishSettings s = settings_of("mqtts://camera:p%40ss%2Fword@broker.example:8884/faces/door");
  EXPECT_EQ(s.method, Method::mqtt);
  EXPECT_EQ(s.server.host, "broker.example");
  EXPECT_EQ(s.server.port, 8884);
  EXPECT_EQ(s.server.username, "camera");
  EXPECT_EQ(s.server.password, "p@ss/word");
  EXPECT_EQ(s.server.topic, "faces/door");
  EXPECT_TRUE(s.server.tls);
}

TEST(Uri, LeavesTheRestAsItIs) {
  PublishSettings s;
  s.server.topic = "mine";
  apply_uri(s, "kafka://one");
  EXPECT_EQ(s.method, Method::kafka);
  EXPECT_EQ(s.server.port, 0);
  EXPECT_EQ(s.server.topic, "mine");
  EXPECT_FALSE(s.server.tls);
  s.server.port = 8884;
  apply_uri(s, "mqtt://one/");
  EXPECT_EQ(s.server.port, 0) << "a URI without a port means the usual one";
  EXPECT_EQ(s.server.topic, "mine");
  EXPECT_TRUE(settings_of("kafkas://one").server.tls);
  s.server.tls = true;
  apply_uri(s, "mqtt://user:secret@host");
  EXPECT_TRUE(s.server.tls) << "the password would travel in the clear";
  EXPECT_EQ(settings_of("mqtt://[::1]/x").server.host, "::1");
}

TEST(Server, HasAnIPv6AddressInBrackets) {
  EXPECT_EQ(with_port("broker.example", 1883), "broker.example:1883");
  EXPECT_EQ(with_port("::1", 9092), "[::1]:9092");
}

TEST(Uri, NamesAFile) {
  const PublishSettings s = settings_of("file:///tmp/a%20b.jsonl");
  EXPECT_EQ(s.method, Method::file);
  EXPECT_EQ(s.location, "/tmp/a b.jsonl");
  EXPECT_EQ(settings_of("file://localhost/tmp/a.jsonl").location, "/tmp/a.jsonl");
}

TEST(Uri, SaysWhatIsWrongWithoutThePassword) {
  for (const char* uri : {"file://tmp/a.jsonl", "mqtt://host/a#b", "mqtt://u:geheim@host/a?x=1", "amqp://u:geheim@host/x",
                          "mqtt://u:geheim@:1/x", "mqtt://u:geheim@host:port/x", "mqtt:///topic", "geheim"}) {
    try {
      settings_of(uri);
      ADD_FAILURE() << uri;
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), ErrorKind::settings);
      EXPECT_THAT(e.what(), HasSubstr("uri "));
      EXPECT_THAT(e.what(), Not(HasSubstr("geheim")));
    }
  }
}

}  // namespace
}  // namespace fkp
