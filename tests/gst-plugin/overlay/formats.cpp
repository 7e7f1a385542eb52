// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gst/video/video.h>

#include <cmath>

#include "media.h"

namespace fkp::test {
namespace {

constexpr int kWidth = 101, kHeight = 75;  // odd, so that the last chroma sample covers half as much

struct Picture {
  std::vector<int> rgb;
  int at(int x, int y, int c) const { return rgb[(y * kWidth + x) * 3 + c]; }
};

/// A blue frame with an orange disc of radius 20 around (50, 35) and another cut off at the lower right corner. fkpoverlay draws
/// it in the caps `drawn`; from there it is converted to `then`, and at last to RGB.
Picture picture_of(const std::string& drawn, const std::string& then) {
  const Scheme scheme = triangle();
  Picture picture;
  const std::string size = "width=" + std::to_string(kWidth) + ",height=" + std::to_string(kHeight);
  Pipeline pipeline("videotestsrc num-buffers=1 pattern=solid-color foreground-color=0xff336699 ! video/x-raw,format=ARGB," + size +
                    " ! videoconvert name=source ! video/x-raw," + drawn +
                    " ! fkpoverlay color=0xffff8000 radius=20 show-outline=false ! videoconvert ! video/x-raw," + then +
                    " ! videoconvert ! video/x-raw,format=RGB ! fakesink name=sink");
  pipeline.mark([&](GstBuffer* b) {
    GstFkpMeta* meta = gst_fkp_buffer_add_meta(b, scheme.get(), kWidth, kHeight);
    const GstFkpPoint points[] = {{50, 35, 1}, {100, 74, 1}, {-500, 3e9f, 1}};
    gst_fkp_meta_add_face(meta, 1, 10, 10, 60, 60, 1, FALSE, points, 3);
  });
  pipeline.watch("sink", [&](GstBuffer* b) {
    GstMapInfo map;
    ASSERT_TRUE(gst_buffer_map(b, &map, GST_MAP_READ));
    for (int y = 0; y < kHeight; y++)
      for (int x = 0; x < kWidth * 3; x++) picture.rgb.push_back(map.data[y * GST_ROUND_UP_4(kWidth * 3) + x]);
    gst_buffer_unmap(b, &map);
  });
  const Outcome outcome = pipeline.run();
  EXPECT_TRUE(outcome.ok()) << outcome.message;
  EXPECT_EQ(picture.rgb.size(), static_cast<std::size_t>(kWidth * kHeight * 3));
  return picture;
}

double difference(const Picture& a, const Picture& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.rgb.size(); i++) sum += std::abs(a.rgb[i] - b.rgb[i]);
  return sum / static_cast<double>(a.rgb.size());
}

class Format : public testing::TestWithParam<std::string> {};

// Against the picture drawn in RGB and converted, so that what the conversion itself loses is on both sides.
TEST_P(Format, ShowsTheSamePictureAsRgb) {
  const Picture picture = picture_of(GetParam(), GetParam()), expected = picture_of("format=RGB", GetParam());
  for (int c = 0; c < 3; c++) {
    EXPECT_NEAR(picture.at(50, 35, c), expected.at(50, 35, c), 3) << "inside the disc, component " << c;
    EXPECT_NEAR(picture.at(100, 74, c), expected.at(100, 74, c), 3) << "in the corner, component " << c;
    EXPECT_NEAR(picture.at(5, 5, c), expected.at(5, 5, c), 3) << "beside the disc, component " << c;
  }
  EXPECT_LT(difference(picture, expected), 1);
}

TEST_P(Format, ShowsTheOrangeThatWasAskedFor) {
  const Picture picture = picture_of(GetParam(), GetParam());
  EXPECT_NEAR(picture.at(50, 35, 0), 0xff, 8);
  EXPECT_NEAR(picture.at(50, 35, 1), 0x80, 8);
  EXPECT_NEAR(picture.at(50, 35, 2), 0x00, 8);
}

std::vector<std::string> colour_formats() {
  std::vector<std::string> all;
  for (const char* format : {"RGB", "BGR", "RGBx", "BGRx", "xRGB", "xBGR", "RGBA", "BGRA", "ARGB", "ABGR"})
    all.push_back(std::string("format=") + format);
  for (const char* format : {"I420", "YV12", "NV12", "NV21", "Y42B", "Y444", "YUY2", "UYVY"})
    for (const char* colorimetry : {"bt601", "bt709", "1:4:0:0", "1:3:0:0"})  // the latter two: full range
      all.push_back(std::string("format=") + format + ",colorimetry=(string)" + colorimetry);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Overlay, Format, testing::ValuesIn(colour_formats()));

TEST(OverlayColour, IsExactInRgb) {
  const Picture picture = picture_of("format=RGB", "format=RGB");
  EXPECT_EQ(picture.at(50, 35, 0), 0xff);
  EXPECT_EQ(picture.at(50, 35, 1), 0x80);
  EXPECT_EQ(picture.at(50, 35, 2), 0x00);
  EXPECT_EQ(picture.at(5, 5, 2), 0x99);
}

TEST(OverlayColour, DrawsTheColoursLumaIntoAGreyFrame) {
  const Picture picture = picture_of("format=GRAY8", "format=GRAY8");
  const double luma = 0.299 * 0xff + 0.587 * 0x80;  // BT.601
  for (int c = 0; c < 3; c++) EXPECT_NEAR(picture.at(50, 35, c), luma, 2);
}

TEST(OverlayColour, SmoothsTheEdgeOfADisc) {
  const Picture picture = picture_of("format=RGB", "format=RGB");
  // The edge at 45° of a disc of radius 20: coverage falls from 1 to 0 within a pixel and a half.
  EXPECT_GT(picture.at(50 + 13, 35 + 13, 0), 0xf0);
  EXPECT_LT(picture.at(50 + 15, 35 + 15, 0), 0x40);
  const int edge = picture.at(50 + 14, 35 + 14, 0);
  EXPECT_GT(edge, 0x40);
  EXPECT_LT(edge, 0xf8);
}

}  // namespace
}  // namespace fkp::test
