// SPDX-License-Identifier: LGPL-2.1-or-later
// Against a real Mosquitto, which is stopped and started again.
#include <gmock/gmock.h>

#include <atomic>
#include <iterator>
#include <limits>
#include <numeric>
#include <set>
#include <thread>

#include "cutter.h"
#include "mosquitto_server.h"
#include "publisher.h"

namespace fkp::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<int> numbers(int from, int to) {
  std::vector<int> all(static_cast<std::size_t>(to - from));
  std::iota(all.begin(), all.end(), from);
  return all;
}

/// The frames without repetitions of those before `end`.
std::vector<int> once(const std::vector<int>& frames, int end = std::numeric_limits<int>::max()) {
  std::vector<int> first;
  std::set<int> seen;
  std::copy_if(frames.begin(), frames.end(), std::back_inserter(first), [&](int f) { return seen.insert(f).second || f >= end; });
  return first;
}

std::string to(int port, const std::string& more = "") {
  return "method=mqtt host=127.0.0.1 topic=faces/door reconnect-delay=10 reconnect-delay-max=100 drain-timeout=60000 port=" +
         std::to_string(port) + " " + more;
}

class Mqtt : public testing::Test {
 protected:
  void SetUp() override { NEEDS_MOSQUITTO(); }
};

class MqttQos : public Mqtt, public testing::WithParamInterface<int> {
 protected:
  std::string properties(const MosquittoServer& server, const std::string& more = "") const {
    return to(server.port(), "client-id=camera mqtt-qos=" + std::to_string(GetParam()) + " " + more);
  }
  /// The frames that came, without allowed repetitions: of those before `stop`, which the broker may have been sending to the subscriber
  /// when it stopped; with QoS 1, of all.
  std::vector<int> came(Subscriber& subscriber, int stop) const {
    return GetParam() == 1 ? once(subscriber.frames()) : once(subscriber.frames(), stop);
  }
};

TEST_P(MqttQos, PublishesEveryFrameInOrder) {
  const MosquittoServer server;
  Subscriber subscriber(server.port(), "faces/+");
  Publisher publisher(properties(server));
  publisher.push(500).end();
  EXPECT_EQ(publisher.count("delivered"), 500u);
  EXPECT_TRUE(subscriber.wait_for(500));
  EXPECT_EQ(subscriber.frames(), numbers(0, 500));
  EXPECT_TRUE(publisher.told().empty());
}

TEST_P(MqttQos, LosesNothingWhileTheBrokerIsGone) {
  MosquittoServer server;
  Subscriber subscriber(server.port());
  Publisher publisher(properties(server));
  publisher.push(50);
  EXPECT_TRUE(subscriber.wait_for(50));
  EXPECT_TRUE(publisher.wait_for_delivery());
  server.stop();
  EXPECT_TRUE(eventually([&] { return !publisher.connected(); }));  // with QoS 0 a line can be lost until then
  publisher.push(300);
  EXPECT_EQ(publisher.count("queued"), 300u);
  server.start();
  EXPECT_TRUE(publisher.wait_for_delivery());
  publisher.push(50).end();
  EXPECT_TRUE(subscriber.wait_for_frames(400));
  EXPECT_EQ(came(subscriber, 50), numbers(0, 400));
  EXPECT_EQ(publisher.count("dropped"), 0u);
  EXPECT_EQ(publisher.count("connections"), 2u);
  const auto told = publisher.told();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_THAT(told[0].text, HasSubstr("mqtt://127.0.0.1:" + std::to_string(server.port())));
}

TEST_P(MqttQos, CountsExactlyWhatIsMissing) {
  MosquittoServer server;
  Subscriber subscriber(server.port());
  Publisher publisher(properties(server, "queue-size=40"));
  publisher.push(10);
  EXPECT_TRUE(subscriber.wait_for(10));
  EXPECT_TRUE(publisher.wait_for_delivery());
  server.stop();
  EXPECT_TRUE(eventually([&] { return !publisher.connected(); }));
  publisher.push(300);
  EXPECT_EQ(publisher.count("dropped"), 260u);
  server.start();
  EXPECT_TRUE(publisher.wait_for_delivery());
  publisher.push(10).end();
  EXPECT_TRUE(subscriber.wait_for_frames(60));
  auto expected = numbers(0, 10);
  for (int f : numbers(270, 320)) expected.push_back(f);
  EXPECT_EQ(came(subscriber, 10), expected);
  EXPECT_EQ(publisher.count("lines"), 320u);
  EXPECT_EQ(publisher.count("delivered"), 60u);
  const auto told = publisher.told("260 lines were dropped");
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[1].dropped, 260u);
}

INSTANTIATE_TEST_SUITE_P(All, MqttQos, testing::Values(0, 1, 2));

/// Publishes while `disturb` runs, so that some frames are on their way at any time; returns what has arrived in the end.
template <typename Disturb>
std::vector<int> while_disturbed(Publisher& publisher, Subscriber& subscriber, Disturb&& disturb) {
  std::atomic<bool> enough{false};
  int frames = 0;
  std::thread camera([&] {
    for (; !enough; frames++) {
      publisher.push();
      if (frames % 10 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));  // some thousand frames a second
    }
  });
  disturb();
  enough = true;
  camera.join();
  publisher.end();
  EXPECT_EQ(publisher.count("dropped"), 0u);
  EXPECT_EQ(publisher.count("delivered"), static_cast<guint64>(frames));
  EXPECT_TRUE(subscriber.wait_for_frames(static_cast<std::size_t>(frames)));
  EXPECT_EQ(once(subscriber.frames()), numbers(0, frames));
  return subscriber.frames();
}

TEST_F(Mqtt, LosesNothingThatIsUnderWayWhenTheBrokerStops) {
  for (const char* qos : {"mqtt-qos=1", "mqtt-qos=2 client-id=camera"}) {
    MosquittoServer server;
    Subscriber subscriber(server.port());
    Publisher publisher(to(server.port(), std::string("queue-size=1000000 ") + qos));
    while_disturbed(publisher, subscriber, [&] {
      for (guint64 connections : {2, 3}) {
        EXPECT_TRUE(subscriber.wait_for(connections * 100));
        server.stop();
        server.start();
        EXPECT_TRUE(publisher.wait_for("connections", connections));
      }
    });
  }
}

std::vector<int> through_ten_cuts(const std::string& properties) {
  const MosquittoServer server;
  Subscriber subscriber(server.port());
  Cutter way(server.port());
  Publisher publisher(to(way.port(), "queue-size=1000000 " + properties));
  return while_disturbed(publisher, subscriber, [&] {
    for (guint64 connections = 2; connections < 12; connections++) {
      EXPECT_TRUE(subscriber.wait_for_frames(connections * 100));
      way.cut();
      EXPECT_TRUE(publisher.wait_for("connections", connections));
    }
  });
}

TEST_F(Mqtt, LosesNothingThatIsUnderWayWhenTheConnectionBreaks) {
  through_ten_cuts("mqtt-qos=1");
  through_ten_cuts("mqtt-qos=2");
}

TEST_F(Mqtt, PublishesExactlyOnceWithQos2AndAClientId) {
  const auto frames = through_ten_cuts("mqtt-qos=2 client-id=camera");
  EXPECT_EQ(frames, once(frames));
}

TEST_F(Mqtt, IsNotHeldUpByABrokerThatHangs) {
  MosquittoServer server;
  Subscriber subscriber(server.port());
  Publisher publisher(to(server.port(), "queue-size=100 max-in-flight=20"));
  publisher.push(10);
  EXPECT_TRUE(subscriber.wait_for(10));
  EXPECT_TRUE(publisher.wait_for_delivery());
  server.freeze();
  publisher.push(1000);  // does not block
  EXPECT_EQ(publisher.count("dropped"), 900u);
  server.thaw();
  publisher.end();
  EXPECT_EQ(publisher.count("delivered"), 110u);
  EXPECT_TRUE(subscriber.wait_for(110));
  EXPECT_EQ(subscriber.frames().size(), 110u);
  EXPECT_EQ(once(subscriber.frames()), subscriber.frames());
  EXPECT_EQ(publisher.told("900 lines were dropped").size(), 1u);
}

TEST_F(Mqtt, SendsAgainWhatABrokerThatForgetsHadInHand) {
  for (const char* qos : {"mqtt-qos=1", "mqtt-qos=2", "mqtt-qos=2 client-id=camera"}) {
    MosquittoServer server("allow_anonymous true\n", false);
    Publisher publisher(to(server.port(), qos));
    publisher.push(10);
    EXPECT_TRUE(publisher.wait_for_delivery());
    server.freeze();
    publisher.push(50);
    EXPECT_TRUE(publisher.wait_for("in-flight", 20));
    server.kill();
    server.start();
    publisher.end();
    EXPECT_EQ(publisher.count("delivered"), 60u) << qos;
    EXPECT_EQ(publisher.count("connections"), 2u) << qos;
  }
}

/// A frame of a crowd: its line is long.
GstBuffer* crowd() {
  GstBuffer* frame = gst_buffer_new_allocate(nullptr, 64, nullptr);
  const Scheme scheme = triangle();
  GstFkpMeta* meta = gst_fkp_buffer_add_meta(frame, scheme.get(), 8, 8);
  for (guint id = 1; id <= 200; id++) add_triangle(meta, id, 1, 1, 4, false);
  return frame;
}

TEST_F(Mqtt, GoesOnBehindALineThatTheBrokerHangsUpOn) {
  for (const char* qos : {"mqtt-qos=1", "mqtt-qos=2 client-id=camera"}) {
    const MosquittoServer server("allow_anonymous true\nmax_packet_size 2000\n");
    Subscriber subscriber(server.port());
    Publisher publisher(to(server.port(), qos));
    publisher.push(10);
    publisher.push(crowd());
    publisher.push(10).end();
    EXPECT_EQ(publisher.count("delivered"), 20u) << qos;
    EXPECT_EQ(publisher.count("refused"), 1u) << qos;
    publisher.told("the connection breaks whenever it is sent");
    EXPECT_TRUE(subscriber.wait_for_frames(20));
  }
}

TEST_F(Mqtt, IsNotConfusedByAnEarlierRunsSession) {
  const MosquittoServer server;
  Subscriber subscriber(server.port());
  for (std::size_t run : {1, 2, 3}) {
    Publisher publisher(to(server.port(), "mqtt-qos=2 client-id=camera will-topic=faces/will will-message=gone"));
    publisher.push(100).end();
    EXPECT_EQ(publisher.count("delivered"), 100u);
    EXPECT_TRUE(subscriber.wait_for(run * 100));
  }
  EXPECT_EQ(subscriber.messages().size(), 300u);  // no will among them
}

TEST_F(Mqtt, StartsBeforeItsBroker) {
  MosquittoServer server;
  Subscriber subscriber(server.port());
  server.stop();
  Publisher publisher(to(server.port()));
  publisher.push(30);
  publisher.told("Connection refused");
  server.start();
  publisher.end();
  EXPECT_TRUE(subscriber.wait_for(30));
  EXPECT_EQ(subscriber.frames(), numbers(0, 30));
}

TEST_F(Mqtt, LosesNothingToASeekThatInterruptsTheEndOfTheStream) {
  MosquittoServer server;
  Subscriber subscriber(server.port());
  server.stop();
  Publisher publisher(to(server.port(), "drain-timeout=3600000"));
  publisher.push(30);
  publisher.told("Connection refused");
  std::atomic<bool> ended{false};
  std::thread end([&] {
    publisher.end();  // waits for the broker
    ended = true;
  });
  while (!ended) publisher.flush();  // the first one may come before the end
  end.join();
  publisher.flush();
  publisher.begin_segment();
  publisher.push(10);
  server.start();
  publisher.end();
  EXPECT_TRUE(subscriber.wait_for(40));
  EXPECT_EQ(subscriber.frames(), numbers(0, 40));
}

TEST_F(Mqtt, StopsInTimeWithoutABroker) {
  MosquittoServer server;
  server.stop();
  Publisher publisher(to(server.port(), "drain-timeout=1"));
  publisher.push(30).stop();
  EXPECT_EQ(publisher.count("dropped"), 30u);
  publisher.told("30 lines were dropped");
}

TEST_F(Mqtt, LeavesAWillForWhenItVanishes) {
  const MosquittoServer server;
  Subscriber subscriber(server.port());
  const std::string pipeline =
      "videotestsrc is-live=true ! video/x-raw,width=64,height=48 ! fkppublish uri=mqtt://127.0.0.1:" + std::to_string(server.port()) +
      "/faces will-topic=status will-message={\"frame\":-1} ! fakesink";
  const pid_t process = fork();
  if (process == 0) {
    execlp("sh", "sh", "-c", ("exec gst-launch-1.0 -q " + pipeline).c_str(), nullptr);
    _exit(127);
  }
  EXPECT_TRUE(subscriber.wait_for(3));
  kill(process, SIGKILL);
  waitpid(process, nullptr, 0);
  EXPECT_TRUE(eventually([&] { return subscriber.messages().back().find("-1") != std::string::npos; }));
}

TEST_F(Mqtt, KeepsTheLastLineForLaterSubscribers) {
  const MosquittoServer server;
  Publisher(to(server.port(), "retain=true")).push(10).end();
  Subscriber subscriber(server.port());
  EXPECT_TRUE(subscriber.wait_for(1));
  EXPECT_EQ(subscriber.frames(), numbers(9, 10));
}

TEST_F(Mqtt, LogsIn) {
  const TemporaryFolder folder;
  execute({"mosquitto_passwd", "-c", "-b", (folder / "users").string(), "camera", "geheim"});
  write(folder / "password", "geheim\r\nno more\n");  // as some editors write it
  const MosquittoServer server("allow_anonymous false\npassword_file " + (folder / "users").string() + "\n");
  Subscriber subscriber(server.port(), "#", "camera", "geheim");

  Publisher(to(server.port(), "username=camera password=geheim")).push(10).end();
  Publisher(to(server.port(), "username=camera password-file=" + (folder / "password").string())).push(10).end();
  Publisher("uri=mqtt://camera:geheim@127.0.0.1:" + std::to_string(server.port()) + "/faces drain-timeout=60000").push(10).end();
  EXPECT_TRUE(subscriber.wait_for(30));

  Publisher stranger(to(server.port(), "username=camera password=geheimer drain-timeout=1"));
  const auto told = stranger.push(5).told("not authorised");
  EXPECT_EQ(told[0].domain, GST_RESOURCE_ERROR);
  EXPECT_EQ(told[0].code, GST_RESOURCE_ERROR_NOT_AUTHORIZED);
  EXPECT_THAT(told[0].text, Not(HasSubstr("geheim")));
  stranger.stop();
  EXPECT_EQ(stranger.count("delivered"), 0u);
}

/// Records everything that GStreamer logs while it exists.
class Log {
 public:
  Log() {
    gst_debug_remove_log_function(gst_debug_log_default);
    gst_debug_add_log_function(keep, this, nullptr);
    gst_debug_set_default_threshold(GST_LEVEL_TRACE);
  }
  ~Log() {
    gst_debug_set_default_threshold(GST_LEVEL_NONE);
    gst_debug_remove_log_function(keep);
    gst_debug_add_log_function(gst_debug_log_default, nullptr, nullptr);
  }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  std::string text() {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  static void keep(GstDebugCategory*, GstDebugLevel, const gchar*, const gchar*, gint, GObject*, GstDebugMessage* message, gpointer self) {
    auto* log = static_cast<Log*>(self);
    const std::string line = gst_debug_message_get(message);  // this logs something itself
    const std::lock_guard lock(log->mutex_);
    log->text_ += line + "\n";
  }
  std::mutex mutex_;
  std::string text_;
};

TEST_F(Mqtt, LogsNoPassword) {
  const MosquittoServer server("allow_anonymous false\n");
  Pipeline pipeline(
      "videotestsrc num-buffers=3 ! fkppublish name=publish username=camera drain-timeout=1 method=mqtt host=127.0.0.1 port=" +
      std::to_string(server.port()) + " ! fakesink");
  const Element publish(gst_bin_get_by_name(GST_BIN(pipeline.get()), "publish"));
  Log log;
  g_object_set(publish.get(), "password", "geheim", "kafka-options", "sasl.password=geheim", nullptr);
  EXPECT_TRUE(pipeline.run().ok());
  EXPECT_THAT(log.text(), HasSubstr("fkppublish"));
  EXPECT_THAT(log.text(), Not(HasSubstr("geheim")));
}

class MqttTls : public Mqtt {
 protected:
  void SetUp() override {
    NEEDS_MOSQUITTO();
    if (program("openssl").empty()) GTEST_SKIP() << "needs openssl";
    authority("ca");
    authority("other-ca");
    certificate("server", "IP:127.0.0.1,DNS:localhost");
    certificate("elsewhere", "DNS:elsewhere.example");
    certificate("client", "DNS:client");
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string listener(const std::string& name) const {
    return "allow_anonymous true\ncafile " + path("ca.pem") + "\ncertfile " + path(name + ".pem") + "\nkeyfile " + path(name + ".key") +
           "\n";
  }
  void authority(const std::string& name) const {
    execute({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
             "/CN=" + name, "-keyout", path(name + ".key"), "-out", path(name + ".pem")});
  }
  void certificate(const std::string& name, const std::string& names) const {
    execute({"openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + name, "-keyout",
             path(name + ".key"), "-out", path(name + ".csr")});
    write(folder_ / (name + ".ext"), "subjectAltName=" + names + "\n");
    execute({"openssl", "x509", "-req", "-in", path(name + ".csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-CAcreateserial",
             "-days", "2", "-extfile", path(name + ".ext"), "-out", path(name + ".pem")});
  }
  /// Runs a publisher that is refused; returns the reason.
  static std::string refusal(const std::string& properties) {
    Publisher publisher(properties + " drain-timeout=1");
    const auto told = publisher.push(3).told("mqtts://");
    EXPECT_EQ(told[0].code, GST_RESOURCE_ERROR_NOT_AUTHORIZED) << told[0].text;
    publisher.stop();
    EXPECT_EQ(publisher.count("delivered"), 0u);
    return told[0].text;
  }

  const TemporaryFolder folder_;
};

TEST_F(MqttTls, ConnectsToWhomItKnows) {
  const MosquittoServer server(listener("server"));
  for (const char* host : {"127.0.0.1", "localhost"}) {
    Publisher publisher(to(server.port(), "ca-file=" + path("ca.pem") + " host=" + host));
    publisher.push(100).end();
    EXPECT_EQ(publisher.count("delivered"), 100u) << host;
    EXPECT_TRUE(publisher.told().empty());
  }
}

TEST_F(MqttTls, ComesBackToABrokerThatWasAway) {
  MosquittoServer server(listener("server"));
  Publisher publisher(to(server.port(), "ca-file=" + path("ca.pem")));
  publisher.push(50);
  EXPECT_TRUE(publisher.wait_for_delivery());
  server.stop();
  publisher.push(50);
  publisher.told("mqtts://");
  server.start();
  publisher.push(50).end();
  EXPECT_EQ(publisher.count("delivered"), 150u);
}

TEST_F(MqttTls, RefusesAStranger) {
  const MosquittoServer server(listener("server"));
  EXPECT_THAT(refusal(to(server.port(), "ca-file=" + path("other-ca.pem"))), HasSubstr("certificate verify failed"));
  EXPECT_THAT(refusal(to(server.port(), "tls=true")), HasSubstr("certificate verify failed"));  // the system does not know its authority
}

TEST_F(MqttTls, RefusesAnotherName) {
  const MosquittoServer server(listener("elsewhere"));
  EXPECT_THAT(refusal(to(server.port(), "ca-file=" + path("ca.pem"))), HasSubstr("host name verification failed"));
}

TEST_F(MqttTls, ShowsItsOwnCertificate) {
  const MosquittoServer server(listener("server") + "require_certificate true\n");
  const std::string own = " cert-file=" + path("client.pem") + " key-file=" + path("client.key");
  Publisher publisher(to(server.port(), "ca-file=" + path("ca.pem") + own));
  publisher.push(10).end();
  EXPECT_EQ(publisher.count("delivered"), 10u);
  Publisher nobody(to(server.port(), "ca-file=" + path("ca.pem") + " drain-timeout=1"));
  nobody.push(3).told("mqtts://");
}

TEST(MqttSettings, SaysWhatCannotBe) {
  const std::string none = "/nowhere/file";
  for (const auto& [properties, code, text] : std::vector<std::tuple<std::string, int, std::string>>{
           {"topic=a/#", GST_RESOURCE_ERROR_SETTINGS, "topic \"a/#\""},
           {"host=localhost:1883", GST_RESOURCE_ERROR_SETTINGS, "give its port as port"},
           {"host=mqtt://localhost", GST_RESOURCE_ERROR_SETTINGS, "all of it as uri"},
           {"topic=a\x01", GST_RESOURCE_ERROR_SETTINGS, "the topic has a control character"},
           {"password=geheim", GST_RESOURCE_ERROR_SETTINGS, "set username"},
           {"username=u password=geheim password-file=" + none, GST_RESOURCE_ERROR_SETTINGS, "leave one out"},
           {"username=u password-file=" + none, GST_RESOURCE_ERROR_NOT_FOUND, "password-file " + none},
           {"ca-file=" + none, GST_RESOURCE_ERROR_NOT_FOUND, "ca-file " + none},
           {"username=u password-file=/", GST_RESOURCE_ERROR_READ, "password-file /"},
           {"tls=true cert-file=" + none, GST_RESOURCE_ERROR_SETTINGS, "belong together"},
           {"tls=true key-file=" + none, GST_RESOURCE_ERROR_SETTINGS, "belong together"},
           {"cert-file=" + none + " key-file=" + none, GST_RESOURCE_ERROR_SETTINGS, "set tls=true"},
           {"tls=true cert-file=/dev/null key-file=" + none, GST_RESOURCE_ERROR_NOT_FOUND, "key-file " + none},
           {"uri=mqtt://u:geheim@:1/x", GST_RESOURCE_ERROR_SETTINGS, "uri "},
       }) {
    const Outcome outcome = Pipeline("videotestsrc num-buffers=1 ! fkppublish method=mqtt " + properties + " ! fakesink").run();
    EXPECT_EQ(outcome.domain, GST_RESOURCE_ERROR) << properties;
    EXPECT_EQ(outcome.code, code) << properties;
    EXPECT_THAT(outcome.message, HasSubstr(text));
    EXPECT_THAT(outcome.message, Not(HasSubstr("geheim")));
  }
}

}  // namespace
}  // namespace fkp::test
