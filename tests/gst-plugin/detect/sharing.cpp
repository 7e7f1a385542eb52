// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>

#include <condition_variable>
#include <mutex>

#include "bright_faces.h"

namespace fkp {
namespace {

using test::BrightFaces;
using test::Pipeline;
using testing::HasSubstr;

class Sharing : public BrightFaces {
 protected:
  std::string stream(int number, const std::string& properties, int frames = 40) const {
    const std::string n = std::to_string(number);
    return "videotestsrc pattern=white num-buffers=" + std::to_string(frames) +
           " ! video/x-raw,format=GRAY8,width=" + std::to_string(40 + 8 * number) + ",height=64,framerate=30/1 ! " +
           detect("name=detect" + n + " " + properties) + " ! identity name=end" + n + " ! fakesink ";
  }
};

TEST_F(Sharing, EightStreamsGetTheirOwnResultsInOrder) {
  for (const char* properties : {"model-instance-id=all batch-timeout=5", "model-instance-id=all", ""}) {
    std::string text;
    for (int i = 0; i < 8; i++) text += stream(i, properties);
    Pipeline pipeline(text);
    int frames[8] = {};
    for (int i = 0; i < 8; i++)
      pipeline.watch("end" + std::to_string(i), [i, &frames](GstBuffer* buffer) {
        EXPECT_EQ(GST_BUFFER_PTS(buffer), gst_util_uint64_scale(static_cast<guint64>(frames[i]++), GST_SECOND, 30));
        const GstFkpMeta* meta = gst_fkp_buffer_get_meta(buffer);
        ASSERT_EQ(gst_fkp_meta_get_n_faces(meta), 1u);
        // The network's middle point is in the middle of this stream's frame.
        const GstFkpPoint* middle = gst_fkp_face_get_point(gst_fkp_meta_get_face(meta, 0), 2);
        EXPECT_NEAR(middle->x, (40 + 8 * i) / 2.f - 0.5f, 0.1f);
      });
    EXPECT_TRUE(pipeline.run().ok());
    for (int n : frames) EXPECT_EQ(n, 40) << properties;
  }
}

TEST_F(Sharing, AConflictNamesBothElements) {
  Pipeline pipeline(stream(0, "model-instance-id=one") + stream(1, "model-instance-id=one threads=2"));
  const auto end = pipeline.run();
  EXPECT_EQ(end.domain, GST_LIBRARY_ERROR);
  EXPECT_EQ(end.code, GST_LIBRARY_ERROR_SETTINGS);
  EXPECT_THAT(end.message, testing::AllOf(HasSubstr("detect0"), HasSubstr("detect1"), HasSubstr("threads=")));
}

TEST_F(Sharing, AnIdIsFreeAgainAfterItsLastUser) {
  EXPECT_TRUE(Pipeline(stream(0, "model-instance-id=two")).run().ok());
  EXPECT_TRUE(Pipeline(stream(0, "model-instance-id=two batch-size=3")).run().ok());
}

TEST_F(Sharing, CropsOfSeveralStreamsGoThroughTheNetworkTogether) {
  // Its score says how many crops went through it at once: there is a face only if there were two.
  test::write_model(folder_ / "pair.pt",
                    " points = torch.tensor([[7.5, 7.5], [23.5, 7.5], [15.5, 15.5], [9.5, 23.5], [21.5, 23.5]])\n"
                    " return points.unsqueeze(0).expand(x.size(0), -1, -1), torch.full([x.size(0)], float(x.size(0)) - 1.0)",
                    test::kFivePoints);
  const std::string one =
      "videotestsrc num-buffers=20 ! video/x-raw,format=GRAY8,width=64,height=64,framerate=30/1 ! fkpdetect detector=none "
      "device=cpu model=" +
      (folder_ / "pair.pt").string() + " model-instance-id=pair batch-timeout=300 ! fakesink name=";
  Pipeline pipeline(one + "a " + one + "b");
  // In step: otherwise one stream may have finished before the other gets a turn.
  std::mutex mutex;
  std::condition_variable came;
  int frames = 0;
  guint faces = 0;
  for (const char* end : {"a", "b"})
    pipeline.watch(end, [&, n = 0](GstBuffer* b) mutable {
      std::unique_lock lock(mutex);
      faces += gst_fkp_meta_get_n_faces(gst_fkp_buffer_get_meta(b));
      frames++;
      came.notify_all();
      came.wait(lock, [&, all = 2 * ++n] { return frames >= all; });
    });
  EXPECT_TRUE(pipeline.run().ok());
  EXPECT_GT(faces, 0u);
}

TEST_F(Sharing, AStuckStreamHoldsNobodyUp) {
  const std::string properties = "model-instance-id=stuck batch-timeout=1000";
  Pipeline pipeline(stream(0, properties) + stream(1, properties, 200));
  // The first stream stops at its third frame and goes on only when the other has ended.
  GMutex mutex;
  GCond changed;
  g_mutex_init(&mutex);
  g_cond_init(&changed);
  bool other_ended = false;
  int frames0 = 0, frames1 = 0;
  pipeline.watch("end0", [&](GstBuffer*) {
    if (++frames0 != 3) return;
    g_mutex_lock(&mutex);
    while (!other_ended) g_cond_wait(&changed, &mutex);
    g_mutex_unlock(&mutex);
  });
  pipeline.watch("end1", [&](GstBuffer*) {
    if (++frames1 != 200) return;
    g_mutex_lock(&mutex);
    other_ended = true;
    g_cond_signal(&changed);
    g_mutex_unlock(&mutex);
  });
  EXPECT_TRUE(pipeline.run().ok());
  EXPECT_EQ(frames0, 40);
  EXPECT_EQ(frames1, 200);
  g_mutex_clear(&mutex);
  g_cond_clear(&changed);
}

}  // namespace
}  // namespace fkp
