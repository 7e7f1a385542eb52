// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gst/check/gsttestclock.h>

#include <cstring>

#include "bright_faces.h"

namespace fkp {
namespace {

using test::BrightFaces;
using test::BrightStream;

// Memory with bright pixels which takes slow_memory_cost to map, by the test clock: it makes analysis exactly as slow as a test wants.
struct SlowMemory {
  GstMemory memory;
  guint8 pixels[64 * 64];
};
GstClockTime slow_memory_cost = 0;
GstTestClock* slow_memory_clock = nullptr;

struct SlowAllocator {
  GstAllocator parent;
};
struct SlowAllocatorClass {
  GstAllocatorClass parent;
};
G_DEFINE_TYPE(SlowAllocator, slow_allocator, GST_TYPE_ALLOCATOR)

void slow_allocator_init(SlowAllocator* self) {
  GstAllocator* allocator = GST_ALLOCATOR(self);
  GST_OBJECT_FLAG_SET(self, GST_ALLOCATOR_FLAG_CUSTOM_ALLOC);
  allocator->mem_map = [](GstMemory* memory, gsize, GstMapFlags) -> gpointer {
    gst_test_clock_advance_time(slow_memory_clock, static_cast<GstClockTimeDiff>(slow_memory_cost));
    return reinterpret_cast<SlowMemory*>(memory)->pixels;
  };
  allocator->mem_unmap = [](GstMemory*) {};
}

void slow_allocator_class_init(SlowAllocatorClass* klass) {
  auto* allocator = reinterpret_cast<GstAllocatorClass*>(klass);
  allocator->alloc = [](GstAllocator* self, gsize size, GstAllocationParams*) {
    auto* memory = new SlowMemory;
    std::memset(memory->pixels, 255, sizeof memory->pixels);
    gst_memory_init(&memory->memory, GST_MEMORY_FLAG_NO_SHARE, self, nullptr, size, 0, 0, size);
    return &memory->memory;
  };
  allocator->free = [](GstAllocator*, GstMemory* memory) { delete reinterpret_cast<SlowMemory*>(memory); };
}

/// A live source of 30 frames a second before a slow analysis, both by the test clock.
class Live : public BrightFaces {
 protected:
  ~Live() override {
    gst_object_unref(allocator_);
    gst_object_unref(slow_memory_clock);
  }

  void start(const std::string& properties, GstClockTime cost, bool live = true) {
    stream_ = std::make_unique<BrightStream>(detect("name=it " + properties));
    GstHarness* h = stream_->get();
    gst_harness_use_testclock(h);
    slow_memory_clock = gst_harness_get_testclock(h);
    slow_memory_cost = cost;
    element_.reset(stream_->element());
    gst_element_set_base_time(element_.get(), 0);
    gst_harness_set_live(h, live);
    gst_harness_set_upstream_latency(h, 0);
  }

  /// Runs that many frames, each at its capture time or as soon as the previous one is done.
  void run(int frames) {
    for (int i = 0; i < frames; i++) {
      const GstClockTime shot = BrightStream::time_of(i);
      if (now() < shot) gst_test_clock_set_time(slow_memory_clock, shot);
      const test::Buffer out(gst_harness_push_and_pull(stream_->get(), BrightStream::frame(255, shot, allocator_)));
      ASSERT_EQ(test::faces_on(out), 1u);
      test::face_on(out)->held ? held_++ : looked_++;
      oldest_ = std::max(oldest_, now() - shot);
    }
  }

  static GstClockTime now() { return gst_clock_get_time(GST_CLOCK(slow_memory_clock)); }

  GstAllocator* const allocator_ = GST_ALLOCATOR(g_object_new(slow_allocator_get_type(), nullptr));
  std::unique_ptr<BrightStream> stream_;
  test::Element element_;
  int looked_ = 0, held_ = 0;
  GstClockTime oldest_ = 0;
};

TEST_F(Live, MakesFewerLooksAndNoGrowingDelayWhereAnalysisIsSlow) {
  start("mode=auto", 200 * GST_MSECOND);
  run(120 * 30);
  EXPECT_GT(looked_, 120 * 4);
  EXPECT_LE(looked_, 120 * 5);
  EXPECT_GT(held_, 0);
  const GstClockTime latency = gst_harness_query_latency(stream_->get());
  EXPECT_GE(latency, 200 * GST_MSECOND);
  EXPECT_LE(latency, 300 * GST_MSECOND);
  EXPECT_LE(oldest_, latency) << "after two minutes no frame has left later than was promised";
  EXPECT_EQ(test::stat(element_.get(), "skipped"), static_cast<guint64>(held_));
}

TEST_F(Live, LooksAtEveryFrameWhereThereIsTime) {
  start("mode=auto", 5 * GST_MSECOND);
  run(300);
  EXPECT_EQ(held_, 0);
}

TEST_F(Live, OfflineLooksAtEveryFrameHoweverLongItTakes) {
  start("mode=offline", 200 * GST_MSECOND);
  run(100);
  EXPECT_EQ(looked_, 100);
  EXPECT_GE(gst_harness_query_latency(stream_->get()), 200 * GST_MSECOND) << "the delay is there, and told";
}

TEST_F(Live, AutoIsOfflineForASourceThatIsNotLive) {
  start("mode=auto", 200 * GST_MSECOND, false);
  run(100);
  EXPECT_EQ(looked_, 100);
}

TEST_F(Live, CanBeForcedOnASourceThatDoesNotSayItIsLive) {
  start("mode=live", 200 * GST_MSECOND, false);
  run(100);
  EXPECT_GT(held_, 0);
}

TEST_F(Live, TellsThePipelineWhenItsLatencyChanges) {
  start("", 200 * GST_MSECOND);
  GstBus* bus = gst_bus_new();
  gst_element_set_bus(element_.get(), bus);
  run(300);
  int told = 0;
  while (GstMessage* message = gst_bus_pop_filtered(bus, GST_MESSAGE_LATENCY)) {
    told++;
    gst_message_unref(message);
  }
  EXPECT_EQ(told, 1);
  gst_element_set_bus(element_.get(), nullptr);
  gst_object_unref(bus);
}

TEST_F(Live, WarnsOnceOfFramesWithoutATime) {
  start("mode=live", 5 * GST_MSECOND);
  GstBus* bus = gst_bus_new();
  gst_element_set_bus(element_.get(), bus);
  for (int i = 0; i < 3; i++)
    gst_buffer_unref(gst_harness_push_and_pull(stream_->get(), BrightStream::frame(255, GST_CLOCK_TIME_NONE, allocator_)));
  int told = 0;
  while (GstMessage* message = gst_bus_pop_filtered(bus, GST_MESSAGE_WARNING)) {
    told++;
    gst_message_unref(message);
  }
  EXPECT_EQ(told, 1);
  gst_element_set_bus(element_.get(), nullptr);
  gst_object_unref(bus);
}

TEST_F(Live, LetsItsSourceHoldFramesForAsLongAsItDelaysThem) {
  start("", 200 * GST_MSECOND);
  run(100);
  const GstClockTime own = gst_harness_query_latency(stream_->get());
  ASSERT_GE(own, 200 * GST_MSECOND);
  gst_pad_set_query_function(stream_->get()->srcpad, [](GstPad* pad, GstObject* parent, GstQuery* query) -> gboolean {
    if (GST_QUERY_TYPE(query) != GST_QUERY_LATENCY) return gst_pad_query_default(pad, parent, query);
    gst_query_set_latency(query, TRUE, 10 * GST_MSECOND, 40 * GST_MSECOND);
    return TRUE;
  });
  GstQuery* query = gst_query_new_latency();
  ASSERT_TRUE(gst_pad_peer_query(stream_->get()->sinkpad, query));
  gboolean live = FALSE;
  GstClockTime least = 0, most = 0;
  gst_query_parse_latency(query, &live, &least, &most);
  gst_query_unref(query);
  EXPECT_TRUE(live);
  EXPECT_EQ(least, 10 * GST_MSECOND + own);
  EXPECT_EQ(most, 40 * GST_MSECOND + own);
}

TEST_F(Live, ForgetsItsLatencyWithTheStreamThatCausedIt) {
  start("", 200 * GST_MSECOND);
  run(100);
  ASSERT_GE(gst_harness_query_latency(stream_->get()), 200 * GST_MSECOND);
  for (const GstState state : {GST_STATE_READY, GST_STATE_PLAYING}) gst_element_set_state(element_.get(), state);
  EXPECT_EQ(gst_harness_query_latency(stream_->get()), 0u);
}

}  // namespace
}  // namespace fkp
