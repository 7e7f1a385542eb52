// SPDX-License-Identifier: LGPL-2.1-or-later
// Against librdkafka's own mock cluster, which disappears and answers with errors on request.
#include <gmock/gmock.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <nlohmann/json.hpp>
#include <numeric>

#include "publisher.h"

namespace fkp::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr int kProduce = 0;  // Kafka's number of this kind of request

std::vector<int> numbers(int from, int to) {
  std::vector<int> all(static_cast<std::size_t>(to - from));
  std::iota(all.begin(), all.end(), from);
  return all;
}

using Client = std::unique_ptr<rd_kafka_t, Free<rd_kafka_destroy>>;

rd_kafka_conf_t* conf(const std::vector<std::pair<const char*, std::string>>& settings) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  for (const auto& [key, value] : settings) EXPECT_EQ(rd_kafka_conf_set(conf, key, value.c_str(), nullptr, 0), RD_KAFKA_CONF_OK) << key;
  rd_kafka_conf_set_log_cb(conf, nullptr);
  return conf;
}

/// One broker with the topic "faces", which has four partitions.
class Cluster {
 public:
  Cluster() : client_(rd_kafka_new(RD_KAFKA_PRODUCER, conf({}), nullptr, 0)), cluster_(rd_kafka_mock_cluster_new(client_.get(), 1)) {
    rd_kafka_mock_topic_create(get(), "faces", 4, 1);
  }
  rd_kafka_mock_cluster_t* get() const { return cluster_.get(); }
  std::string address() const { return rd_kafka_mock_cluster_bootstraps(get()); }
  void down() const { rd_kafka_mock_broker_set_down(get(), 1); }
  void up() const { rd_kafka_mock_broker_set_up(get(), 1); }
  /// Answers the next `times` produce requests with that error.
  void answer(rd_kafka_resp_err_t error, std::size_t times) const {
    const std::vector<rd_kafka_resp_err_t> errors(times, error);
    rd_kafka_mock_push_request_errors_array(get(), kProduce, times, errors.data());
  }

 private:
  Client client_;
  std::unique_ptr<rd_kafka_mock_cluster_t, Free<rd_kafka_mock_cluster_destroy>> cluster_;
};

struct Message {
  std::string key, text;
  int partition;
};

/// Reads the expected number of messages from the topic; fewer if no more come.
std::vector<Message> consume(const Cluster& cluster, std::size_t count) {
  const Client consumer(rd_kafka_new(
      RD_KAFKA_CONSUMER,
      conf({{"bootstrap.servers", cluster.address()}, {"group.id", "test"}, {"check.crcs", "true"}, {"fetch.wait.max.ms", "1"}}), nullptr,
      0));
  rd_kafka_poll_set_consumer(consumer.get());
  auto* partitions = rd_kafka_topic_partition_list_new(4);
  for (int p = 0; p < 4; p++) rd_kafka_topic_partition_list_add(partitions, "faces", p)->offset = RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_assign(consumer.get(), partitions);
  rd_kafka_topic_partition_list_destroy(partitions);

  std::vector<Message> messages;
  eventually([&] {
    rd_kafka_message_t* m = rd_kafka_consumer_poll(consumer.get(), 100);
    if (m && m->err == RD_KAFKA_RESP_ERR_NO_ERROR)
      messages.push_back({{static_cast<const char*>(m->key), m->key_len}, {static_cast<const char*>(m->payload), m->len}, m->partition});
    if (m) rd_kafka_message_destroy(m);
    return messages.size() >= count;
  });
  rd_kafka_consumer_close(consumer.get());
  return messages;
}

std::vector<int> frames(const std::vector<Message>& messages) {
  std::vector<int> all;
  for (const Message& m : messages) all.push_back(nlohmann::json::parse(m.text)["frame"]);
  return all;
}

std::vector<int> once(std::vector<int> frames) {
  std::stable_sort(frames.begin(), frames.end());
  frames.erase(std::unique(frames.begin(), frames.end()), frames.end());
  return frames;
}

std::string to(const Cluster& cluster, const std::string& more = "") {
  return "method=kafka topic=faces stream-id=door reconnect-delay=10 reconnect-delay-max=100 drain-timeout=60000 brokers=" +
         cluster.address() + " " + more;
}

TEST(Kafka, PublishesEveryFrameInOrderUnderTheStreamsKey) {
  const Cluster cluster;
  Publisher publisher(to(cluster));
  publisher.push(200).end();
  EXPECT_EQ(publisher.count("delivered"), 200u);
  EXPECT_TRUE(publisher.connected());
  const auto messages = consume(cluster, 200);
  EXPECT_EQ(frames(messages), numbers(0, 200));
  for (const Message& m : messages) {
    EXPECT_EQ(m.key, "door");
    EXPECT_EQ(m.partition, messages[0].partition);
  }
  EXPECT_TRUE(publisher.told().empty());
}

TEST(Kafka, KeepsAStreamWithoutANameInOnePartition) {
  const Cluster cluster;
  Publisher(to(cluster, "stream-id=\"\"")).push(100).end();
  EXPECT_EQ(frames(consume(cluster, 100)), numbers(0, 100));
}

TEST(Kafka, CompressesAsAsked) {
  for (const char* compression : {"gzip", "snappy", "lz4", "zstd"}) {
    const Cluster cluster;
    Publisher publisher(to(cluster, std::string("compression=") + compression));
    publisher.push(50).end();
    EXPECT_EQ(publisher.count("delivered"), 50u) << compression;
    EXPECT_EQ(frames(consume(cluster, 50)), numbers(0, 50)) << compression;
  }
}

TEST(Kafka, PublishesOnceWhereTheBrokerAnswersWithErrors) {
  for (const auto error : {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
                           RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR__TRANSPORT}) {
    const Cluster cluster;
    Publisher publisher(to(cluster));
    publisher.push(20);
    EXPECT_TRUE(publisher.wait_for_delivery());
    cluster.answer(error, 3);
    publisher.push(80).end();
    EXPECT_EQ(publisher.count("delivered"), 100u) << rd_kafka_err2name(error);
    EXPECT_EQ(frames(consume(cluster, 100)), numbers(0, 100)) << rd_kafka_err2name(error);
  }
}

TEST(Kafka, LosesNothingWhileTheBrokerIsGone) {
  const Cluster cluster;
  Publisher publisher(to(cluster));
  publisher.push(50);
  EXPECT_TRUE(publisher.wait_for_delivery());
  cluster.down();
  publisher.push(100);
  publisher.told("kafka://" + cluster.address());
  EXPECT_FALSE(publisher.connected());
  cluster.up();
  publisher.push(50).end();
  EXPECT_EQ(publisher.count("delivered"), 200u);
  EXPECT_EQ(frames(consume(cluster, 200)), numbers(0, 200));
  EXPECT_EQ(publisher.told().size(), 1u);
}

TEST(Kafka, CountsExactlyWhatIsMissing) {
  const Cluster cluster;
  Publisher publisher(to(cluster, "queue-size=40 max-in-flight=10"));
  publisher.push(10);
  EXPECT_TRUE(publisher.wait_for_delivery());
  cluster.down();
  publisher.push(10);
  EXPECT_TRUE(publisher.wait_for("in-flight", 10));  // now in librdkafka: these are not dropped
  publisher.push(300);
  EXPECT_EQ(publisher.count("dropped"), 270u);
  cluster.up();
  publisher.end();
  auto expected = numbers(0, 20);
  for (int f : numbers(290, 320)) expected.push_back(f);
  EXPECT_EQ(frames(consume(cluster, 50)), expected);
  EXPECT_EQ(publisher.told("270 lines were dropped").back().dropped, 270u);
}

TEST(Kafka, CountsWhatTheBrokerRefuses) {
  const Cluster cluster;
  Publisher publisher(to(cluster));
  publisher.push(10);
  EXPECT_TRUE(publisher.wait_for_delivery());
  cluster.answer(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 1);
  publisher.push(1);
  EXPECT_TRUE(publisher.wait_for("refused", 1));
  publisher.push(10).end();
  EXPECT_EQ(publisher.count("delivered"), 20u);
  publisher.told("refused a line: Broker: Message size too large");
}

TEST(Kafka, StartsAnewAfterWhatItsProducerCannotMend) {
  const Cluster cluster;
  Publisher publisher(to(cluster));
  publisher.push(10);
  EXPECT_TRUE(publisher.wait_for_delivery());
  cluster.answer(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, 1);
  publisher.push(100);
  const auto told = publisher.told("authorization failed");
  EXPECT_EQ(told[0].code, GST_RESOURCE_ERROR_NOT_AUTHORIZED);
  publisher.end();
  EXPECT_EQ(publisher.count("delivered"), 110u);
  EXPECT_EQ(once(frames(consume(cluster, 110))), numbers(0, 110));
}

TEST(Kafka, IsNotHeldUpByASlowBroker) {
  const Cluster cluster;
  Publisher publisher(to(cluster, "queue-size=50"));
  publisher.push(10);
  EXPECT_TRUE(publisher.wait_for_delivery());
  rd_kafka_mock_broker_set_rtt(cluster.get(), 1, 500);
  publisher.push(1000);  // does not block
  EXPECT_GE(publisher.count("dropped"), 900u);
  rd_kafka_mock_broker_set_rtt(cluster.get(), 1, 0);
  publisher.end();
  EXPECT_EQ(publisher.count("delivered") + publisher.count("dropped"), 1010u);
  EXPECT_EQ(frames(consume(cluster, publisher.count("delivered"))).size(), publisher.count("delivered"));
}

TEST(Kafka, StopsInTimeWithoutABroker) {
  const Cluster cluster;
  cluster.down();
  Publisher publisher(to(cluster, "drain-timeout=1"));
  publisher.push(30).stop();
  EXPECT_EQ(publisher.count("dropped"), 30u);
}

TEST(Kafka, WaitsAtLeastAsLongAsAtFirst) {
  const Cluster cluster;
  Publisher publisher(to(cluster, "reconnect-delay=6000"));
  publisher.push(3).end();
  EXPECT_EQ(publisher.count("delivered"), 3u);
}

TEST(Kafka, SaysWhatCannotBe) {
  for (const auto& [properties, text] : std::vector<std::pair<std::string, std::string>>{
           {"topic=\"\"", "topic"},
           {"kafka-options=geheim", "KEY=VALUE"},
           {"kafka-options=linger.ms=5;no.such.setting=1", "no.such.setting"},
           {"username=u password=geheim sasl-mechanism=nothing", "nothing"},
           {"ca-file=/dev/null", "ssl.ca.location"},
       }) {
    const Outcome outcome = Pipeline("videotestsrc num-buffers=1 ! fkppublish method=kafka " + properties + " ! fakesink").run();
    EXPECT_EQ(outcome.domain, GST_RESOURCE_ERROR) << properties;
    EXPECT_EQ(outcome.code, GST_RESOURCE_ERROR_SETTINGS) << properties;
    EXPECT_THAT(outcome.message, HasSubstr(text));
    EXPECT_THAT(outcome.message, Not(HasSubstr("geheim")));
  }
}

}  // namespace
}  // namespace fkp::test
