// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gst/check/gstharness.h>
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

constexpr const char* kYuvFormats[] = {"NV12", "I420", "YV12", "NV21", "NV16", "NV61", "NV24",      "Y42B",      "Y444",      "YUY2",
                                       "YVYU", "UYVY", "AYUV", "VUYA", "v308", "IYU2", "P010_10LE", "I420_10LE", "I422_10LE", "Y444_10LE"};

/// From R'G'B' in [0, 1] to 8-bit Y', Cb and Cr: the offset, then the coefficients of red, green and blue.
struct Conversion {
  const char *name, *colorimetry;
  bool full_range;
  double rows[3][4];
};

// As the standards print them: BT.601-7 and BT.709-6, and for full range JFIF 1.02 and H.273.
constexpr Conversion kConversions[] = {
    {"Bt601", "bt601", false, {{16, 65.481, 128.553, 24.966}, {128, -37.797, -74.203, 112}, {128, 112, -93.786, -18.214}}},
    {"Bt709", "bt709", false, {{16, 46.559, 156.629, 15.812}, {128, -25.664, -86.336, 112}, {128, 112, -101.730, -10.270}}},
    {"Bt601Full", "1:4:0:0", true, {{0, 76.245, 149.685, 29.07}, {128, -43.028, -84.472, 127.5}, {128, 127.5, -106.766, -20.734}}},
    {"Bt709Full", "1:3:0:0", true, {{0, 54.213, 182.376, 18.411}, {128, -29.216, -98.284, 127.5}, {128, 127.5, -115.808, -11.692}}},
};

/// A blue frame with an orange disc of radius 20 around (50, 35) and another one clipped at the lower right corner. fkpoverlay draws
/// with caps `drawn`; the result is converted to `then`, and finally to RGB.
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

// Compared with the picture drawn in RGB and converted, so that both have the losses of the conversion.
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
  for (const char* format : kYuvFormats) {
    if (format == std::string("NV61")) continue;  // GStreamer 1.22's converter swaps Cb and Cr at the end of an odd row
    for (const Conversion& conversion : kConversions)
      all.push_back(std::string("format=") + format + ",colorimetry=(string)" + conversion.colorimetry);
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Overlay, Format, testing::ValuesIn(colour_formats()));

/// The samples at (50, 35), one for each component, of a frame full of `background` after a disc of `argb` was drawn there.
std::vector<int> samples_of(const std::string& caps, guint argb, guint8 background = 0x40) {
  GstHarness* harness = gst_harness_new("fkpoverlay");
  g_object_set(harness->element, "style", 1, "radius", 20.f, "color", argb, nullptr);
  const std::string text = "video/x-raw,framerate=25/1,width=101,height=75," + caps;
  gst_harness_set_src_caps_str(harness, text.c_str());
  GstVideoInfo info;
  GstCaps* parsed = gst_caps_from_string(text.c_str());
  gst_video_info_from_caps(&info, parsed);
  gst_caps_unref(parsed);
  GstBuffer* in = gst_buffer_new_allocate(nullptr, info.size, nullptr);
  gst_buffer_memset(in, 0, background, info.size);
  const Scheme scheme = triangle();
  const GstFkpPoint points[] = {{50, 35, 1}, {NAN, NAN, 1}, {NAN, NAN, 1}};
  gst_fkp_meta_add_face(gst_fkp_buffer_add_meta(in, scheme.get(), kWidth, kHeight), 1, 10, 10, 60, 60, 1, FALSE, points, 3);
  const Buffer out(gst_harness_push_and_pull(harness, in));

  std::vector<int> samples;
  GstVideoFrame frame;
  EXPECT_TRUE(gst_video_frame_map(&frame, &info, out.get(), GST_MAP_READ));
  for (guint c = 0; c < GST_VIDEO_FRAME_N_COMPONENTS(&frame); c++) {
    const auto* row = static_cast<const guint8*>(GST_VIDEO_FRAME_COMP_DATA(&frame, c)) +
                      (35 >> info.finfo->h_sub[c]) * GST_VIDEO_FRAME_COMP_STRIDE(&frame, c);
    const auto* sample = row + (50 >> info.finfo->w_sub[c]) * GST_VIDEO_FRAME_COMP_PSTRIDE(&frame, c) +
                         (info.finfo->depth[c] > 8 ? info.finfo->poffset[c] % 2 : 0);  // GStreamer 1.22 says 1 for P010's Cr
    samples.push_back(info.finfo->depth[c] > 8 ? GST_READ_UINT16_LE(sample) >> info.finfo->shift[c] : *sample);
  }
  gst_video_frame_unmap(&frame);
  gst_harness_teardown(harness);
  return samples;
}

class Conversions : public testing::TestWithParam<Conversion> {};

TEST_P(Conversions, PutTheColourIntoEveryYuvFormat) {
  const Conversion& conversion = GetParam();
  for (const char* format : kYuvFormats) {
    const double depth10 = conversion.full_range ? 1023.0 / 255 : 4,
                 scale = std::string(format).find("10LE") == std::string::npos ? 1 : depth10;
    const double chroma_zero = scale == 1 ? 128 : 512;
    for (const guint rgb : {0xff8000u, 0xff0000u, 0x00ff00u, 0x0000ffu, 0xffffffu, 0x000000u, 0x336699u}) {
      const auto samples = samples_of(std::string("format=") + format + ",colorimetry=(string)" + conversion.colorimetry, 0xff000000 | rgb);
      for (int c = 0; c < 3; c++) {
        const double* row = conversion.rows[c];
        const double sum = (row[1] * (rgb >> 16 & 255) + row[2] * (rgb >> 8 & 255) + row[3] * (rgb & 255)) / 255;
        const double top = scale == 1 ? 255 : 1023, expected = std::min(top, (c == 0 ? row[0] * scale : chroma_zero) + sum * scale);
        EXPECT_NEAR(samples[c], expected, 0.6) << format << ", component " << c << ", colour " << std::hex << rgb;
      }
      if (samples.size() > 3) {
        EXPECT_EQ(samples[3], 255) << "alpha";
      }
    }
  }
}

void PrintTo(const Conversion& conversion, std::ostream* out) { *out << conversion.name; }

INSTANTIATE_TEST_SUITE_P(Overlay, Conversions, testing::ValuesIn(kConversions),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(OverlayColour, PutsTheColourIntoEveryRgbFormat) {
  for (const char* format : {"RGB", "BGR", "RGBx", "BGRx", "xRGB", "xBGR", "RGBA", "BGRA", "ARGB", "ABGR"}) {
    auto samples = samples_of(std::string("format=") + format, 0xff3366cc);
    ASSERT_GE(samples.size(), 3u);
    EXPECT_EQ(std::vector<int>(samples.begin(), samples.begin() + 3), (std::vector<int>{0x33, 0x66, 0xcc})) << format;
    if (samples.size() > 3) {
      EXPECT_EQ(samples[3], 0xff) << format << ", alpha";
    }
  }
}

TEST(OverlayColour, KeepsItsBrightnessOverTransparentPixels) {
  for (const char* format : {"RGBA", "BGRA", "ARGB", "ABGR"}) {
    EXPECT_EQ(samples_of(std::string("format=") + format, 0x80ff8040, 0), (std::vector<int>{0xff, 0x80, 0x40, 0x80})) << format;
    // Half of white over a quarter of dark grey: alpha 128 + 64 · 127 / 255, and the paint has 128 of these 160 parts.
    const auto samples = samples_of(std::string("format=") + format, 0x80ffffff, 0x40);
    for (int c = 0; c < 3; c++) EXPECT_NEAR(samples[c], (255 * 128 + 64 * 32) / 160., 1) << format;
    EXPECT_NEAR(samples[3], 160, 1) << format;
  }
  EXPECT_EQ(samples_of("format=AYUV", 0x80ffffff, 0), (std::vector<int>{235, 128, 128, 128}));
}

TEST(OverlayColour, IsThatOfBt601WhereTheMatrixIsNotKnown) {
  EXPECT_EQ(samples_of("format=GRAY8,colorimetry=(string)1:0:0:0", 0xffff0000), (std::vector<int>{76}));
}

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
