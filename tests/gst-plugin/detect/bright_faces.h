// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/check/gstharness.h>
#include <gst/fkp/gstfkpmeta.h>
#include <gst/video/video.h>
#include <gtest/gtest.h>

#include <string>

#include "media.h"
#include "support/files.h"
#include "support/models.h"

// fkpdetect with a network for which a bright picture is a face and a dark one is not, so that tests need no real faces.

namespace fkp::test {

class BrightFaces : public testing::Test {
 protected:
  BrightFaces() { write_model(folder_ / "net.pt", kBody, R"({"name": "five", "scheme": "mtfl-5", "input": {"size": 32, "margin": 2.0}})"); }

  /// The element as text for gst_parse_launch().
  std::string detect(const std::string& properties = "") const {
    return "fkpdetect detector=none device=cpu model=" + (folder_ / "net.pt").string() + " " + properties;
  }

  const TemporaryFolder folder_;

 private:
  static constexpr const char* kBody =
      " points = torch.tensor([[7.5, 7.5], [23.5, 7.5], [15.5, 15.5], [9.5, 23.5], [21.5, 23.5]])\n"
      " return points.unsqueeze(0).expand(x.size(0), -1, -1), x.mean([1, 2, 3])";
};

/// A harness around such an element, fed with grey frames of 64×64 pixels at 30 frames a second.
class BrightStream {
 public:
  explicit BrightStream(const std::string& element) : h_(gst_harness_new_parse(element.c_str())) {
    gst_harness_set_src_caps_str(h_, "video/x-raw,format=GRAY8,width=64,height=64,framerate=30/1");
    gst_harness_play(h_);
  }
  ~BrightStream() { gst_harness_teardown(h_); }
  BrightStream(const BrightStream&) = delete;
  BrightStream& operator=(const BrightStream&) = delete;

  static GstClockTime time_of(int frame) { return gst_util_uint64_scale(static_cast<guint64>(frame), GST_SECOND, 30); }

  static GstBuffer* frame(int brightness, GstClockTime pts, GstAllocator* allocator = nullptr) {
    GstBuffer* buffer = gst_buffer_new_allocate(allocator, 64 * 64, nullptr);
    if (!allocator) gst_buffer_memset(buffer, 0, static_cast<guint8>(brightness), 64 * 64);
    GST_BUFFER_PTS(buffer) = pts;
    return buffer;
  }

  /// Pushes the next frame and returns what comes out.
  Buffer push(int brightness) { return Buffer(gst_harness_push_and_pull(h_, frame(brightness, time_of(next_++)))); }

  GstElement* element() { return gst_harness_find_element(h_, "fkpdetect"); }  // transfer full
  GstHarness* get() { return h_; }

 private:
  GstHarness* h_;
  int next_ = 0;
};

inline guint faces_on(const Buffer& buffer) { return gst_fkp_meta_get_n_faces(gst_fkp_buffer_get_meta(buffer.get())); }
inline const GstFkpFace* face_on(const Buffer& buffer) { return gst_fkp_meta_get_face(gst_fkp_buffer_get_meta(buffer.get()), 0); }

inline guint64 stat(GstElement* element, const char* name) {
  GstStructure* stats = nullptr;
  guint64 value = 0;
  g_object_get(element, "stats", &stats, nullptr);
  EXPECT_TRUE(gst_structure_get_uint64(stats, name, &value)) << name;
  gst_structure_free(stats);
  return value;
}

}  // namespace fkp::test
