// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>

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
        // The network's middle point lies in the middle of the stream's own frame.
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

}  // namespace
}  // namespace fkp
