// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/check/gstharness.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "media.h"

namespace fkp::test {

/// Polls, for up to a minute, for something that another process does without notifying anybody.
template <typename Condition>
bool eventually(Condition&& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

struct Told {
  GstMessageType type;
  GQuark domain;
  int code;
  std::string text;
  guint64 dropped;  // of the message's structure
};

/// fkppublish with these properties in a harness.
class Publisher {
 public:
  explicit Publisher(const std::string& properties) : bus_(gst_bus_new()) {
    GError* error = nullptr;
    element_.reset(GST_ELEMENT(gst_object_ref_sink(gst_parse_launch(("fkppublish " + properties).c_str(), &error))));
    EXPECT_EQ(error, nullptr) << error->message;
    gst_bus_set_sync_handler(bus_, take, this, nullptr);
    gst_element_set_bus(element_.get(), bus_);
    harness_ = gst_harness_new_with_element(element_.get(), "sink", "src");
    gst_harness_set_src_caps_str(harness_, "video/x-raw,format=GRAY8,width=8,height=8");
  }
  ~Publisher() {
    if (harness_) stop();
    gst_element_set_bus(element_.get(), nullptr);
    gst_object_unref(bus_);
  }
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  Publisher& push(int frames = 1) {
    for (int i = 0; i < frames; i++) push(gst_buffer_new_allocate(nullptr, 64, nullptr));
    return *this;
  }
  void push(GstBuffer* frame) { gst_buffer_unref(gst_harness_push_and_pull(harness_, frame)); }
  void end() { gst_harness_push_event(harness_, gst_event_new_eos()); }
  /// Flushes as a seek does; may be called from any thread.
  void flush() {
    gst_harness_push_event(harness_, gst_event_new_flush_start());
    gst_harness_push_event(harness_, gst_event_new_flush_stop(TRUE));
  }
  /// What follows a flush, from the thread that pushes the frames.
  void begin_segment() {
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_harness_push_event(harness_, gst_event_new_segment(&segment));
  }
  void stop() {
    gst_harness_teardown(harness_);
    harness_ = nullptr;
  }

  /// A field of `stats`, which are kept after the end.
  guint64 count(const char* name) const {
    guint64 value = 0;
    EXPECT_TRUE(gst_structure_get_uint64(stats().get(), name, &value)) << name;
    return value;
  }
  bool connected() const {
    gboolean value = FALSE;
    EXPECT_TRUE(gst_structure_get_boolean(stats().get(), "connected", &value));
    return value;
  }
  bool wait_for(const char* name, guint64 value) const {
    return eventually([&] { return count(name) == value; });
  }
  bool wait_for_delivery() const { return wait_for("queued", 0); }

  /// All warnings and errors so far; with `what`, waits for one that contains this text first.
  std::vector<Told> told(const std::string& what = "") {
    std::vector<Told> all;
    const auto has = [&] {
      const std::lock_guard lock(mutex_);
      all = told_;
      return what.empty() || std::any_of(all.begin(), all.end(), [&](const Told& t) { return t.text.find(what) != std::string::npos; });
    };
    EXPECT_TRUE(eventually(has)) << "nobody tells of: " << what;
    return all;
  }

 private:
  std::unique_ptr<GstStructure, Free<gst_structure_free>> stats() const {
    GstStructure* stats = nullptr;
    g_object_get(element_.get(), "stats", &stats, nullptr);
    return std::unique_ptr<GstStructure, Free<gst_structure_free>>(stats);
  }
  // Not by popping: queued messages would hold the last reference to removed pads, which post to the bus when they are destroyed.
  static GstBusSyncReply take(GstBus*, GstMessage* message, gpointer self) {
    GError* error = nullptr;
    const GstStructure* details = nullptr;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_WARNING) {
      gst_message_parse_warning(message, &error, nullptr);
      gst_message_parse_warning_details(message, &details);
    } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
      gst_message_parse_error(message, &error, nullptr);
    }
    if (error) {
      Told told{GST_MESSAGE_TYPE(message), error->domain, error->code, error->message, 0};
      if (details) gst_structure_get_uint64(details, "dropped", &told.dropped);
      g_error_free(error);
      auto* publisher = static_cast<Publisher*>(self);
      const std::lock_guard lock(publisher->mutex_);
      publisher->told_.push_back(std::move(told));
    }
    gst_message_unref(message);
    return GST_BUS_DROP;
  }

  Element element_;
  GstBus* bus_;
  GstHarness* harness_ = nullptr;
  std::mutex mutex_;
  std::vector<Told> told_;
};

}  // namespace fkp::test
