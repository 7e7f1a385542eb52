// SPDX-License-Identifier: LGPL-2.1-or-later
// Input formats, and what the output has in each container.
#include "annotate_test.h"
#include "support/exif.h"

namespace fkp::test {
namespace {

using testing::HasSubstr;

/// A video that a pipeline makes: the elements from raw video to the muxer, and the muxer.
struct Made {
  const char* name;
  const char* encoder;  ///< from raw video on
  const char* muxer;
  const char* format = "I420";
};

class Inputs : public Annotate, public testing::WithParamInterface<Made> {};

std::string first_missing(const std::string& elements) {
  std::istringstream words(elements);
  for (std::string word; words >> word;) {
    if (word == "!" || word.find('=') != std::string::npos || word.find('/') != std::string::npos) continue;
    GstElementFactory* factory = gst_element_factory_find(word.c_str());
    if (!factory) return word;
    gst_object_unref(factory);
  }
  return "";
}

class Formats : public Annotate {
 protected:
  /// The times of a file's frames, whatever its format.
  static std::vector<GstClockTime> times(const std::string& file) {
    auto times = track(file, "decodebin ! video/x-raw").times;
    std::sort(times.begin(), times.end());
    return times;
  }
  static void expect_same_times(const std::string& in, const std::string& out, double tolerance) {
    const auto before = times(in), after = times(out);
    ASSERT_EQ(before.size(), after.size()) << out;
    for (std::size_t i = 0; i < before.size(); i++)
      EXPECT_NEAR(static_cast<double>(before[i]), static_cast<double>(after[i]), tolerance) << out << ", frame " << i;
  }

  static constexpr double kMicrosecond = 1e3;
  static constexpr double kHalfMillisecond = 0.5e6 + kMicrosecond;  // Matroska counts milliseconds
};

class FormatsIn : public Formats, public testing::WithParamInterface<Made> {};

TEST_P(FormatsIn, EveryFrameIsInTheCopyAtItsTime) {
  const Made& made = GetParam();
  const std::string missing = first_missing(std::string(made.encoder) + " " + made.muxer);
  if (!missing.empty()) GTEST_SKIP() << "needs the element " << missing;
  const std::string raw = std::string("video/x-raw,width=160,height=96,framerate=25/1,format=") + made.format;
  const Outcome outcome = Pipeline("videotestsrc num-buffers=30 ! " + raw + " ! " + made.encoder + " ! " + made.muxer +
                                   " ! filesink location=\"" + path(made.name) + "\"")
                              .run();
  ASSERT_TRUE(outcome.ok()) << outcome.message;
  const Finished run = annotate({path(made.name), "-o", path("out.mp4")});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(times(path("out.mp4")).size(), 30U);
  expect_same_times(path(made.name), path("out.mp4"), kMicrosecond);
}

INSTANTIATE_TEST_SUITE_P(All, FormatsIn,
                         testing::Values(Made{"h264.mov", "x264enc bframes=2 b-adapt=false ! h264parse", "qtmux"},
                                         Made{"h264_10bit.mkv", "x264enc ! h264parse", "matroskamux", "I420_10LE"},
                                         Made{"h265.mp4", "x265enc ! h265parse", "mp4mux"},
                                         Made{"h265_10bit.mkv", "x265enc ! h265parse", "matroskamux", "I420_10LE"},
                                         Made{"vp8.webm", "vp8enc deadline=1", "webmmux"}, Made{"vp9.webm", "vp9enc deadline=1", "webmmux"},
                                         Made{"mjpeg.avi", "jpegenc", "avimux"}, Made{"mjpeg.mov", "jpegenc", "qtmux"}),
                         [](const auto& info) {
                           return std::string(info.param.name).substr(0, std::string(info.param.name).find('.')) + "_" +
                                  std::string(info.param.name).substr(std::string(info.param.name).find('.') + 1);
                         });

class FormatsOut : public Formats, public testing::WithParamInterface<const char*> {};

TEST_P(FormatsOut, KeepsUnevenFrameTimes) {
  // Every third frame is 16 ms late, and the last two are far apart.
  Pipeline pipeline(
      "videotestsrc name=source num-buffers=40 ! video/x-raw,width=160,height=96,framerate=25/1 ! x264enc bframes=0 b-adapt=false "
      "! h264parse ! matroskamux ! filesink location=\"" +
      path("in.mkv") + "\"");
  int n = 0;
  pipeline.mark([&](GstBuffer* buffer) {
    GST_BUFFER_PTS(buffer) = (40 * n + (n % 3 == 2 ? 16 : 0) + (n == 39 ? 500 : 0)) * GST_MSECOND;
    n++;
  });
  ASSERT_TRUE(pipeline.run().ok());
  const std::string out = path(std::string("out.") + GetParam());
  const Finished run = annotate({path("in.mkv"), "-o", out});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(times(out).size(), 40U);
  expect_same_times(path("in.mkv"), out, kMicrosecond);
}

TEST_P(FormatsOut, HasSoundAndCaptions) {
  write(folder / "in.srt", "1\n00:00:00,400 --> 00:00:00,800\nSalt & <i>pepper</i>\n\n2\n00:00:01,200 --> 00:00:01,600\nEnd\n");
  const Outcome made =
      Pipeline("matroskamux name=m ! filesink location=\"" + path("in.mkv") +
               "\" videotestsrc num-buffers=60 ! video/x-raw,width=160,height=96,framerate=25/1 ! x264enc ! h264parse ! m. "
               "audiotestsrc num-buffers=110 ! audio/x-raw,rate=48000,channels=2 ! vorbisenc ! m. filesrc location=\"" +
               path("in.srt") + "\" ! subparse ! capssetter replace=true caps=text/x-raw,format=utf8 ! m.subtitle_0")
          .run();
  ASSERT_TRUE(made.ok()) << made.message;
  const std::string out = path(std::string("out.") + GetParam());
  const Finished run = annotate({path("in.mkv"), "-o", out});
  ASSERT_EQ(run.status, 0) << run.err;
  expect_same_times(path("in.mkv"), out, kHalfMillisecond);
  EXPECT_GT(track(out, "decodebin ! audio/x-raw").times.size(), 90U);
  const Track text = track(out, "parsebin ! text/x-raw");
  EXPECT_THAT(text.bytes, HasSubstr("Salt &"));
  EXPECT_THAT(text.bytes, HasSubstr("pepper"));
  EXPECT_THAT(text.bytes, HasSubstr("End"));
  const GstClockTime first = 400 * GST_MSECOND, second = 1200 * GST_MSECOND;
  EXPECT_THAT(text.times, testing::IsSupersetOf({first, second}));
}

INSTANTIATE_TEST_SUITE_P(All, FormatsOut, testing::Values("mp4", "mov", "mkv", "webm"),
                         [](const auto& info) { return std::string(info.param); });

TEST_F(Formats, KeepsTheDistanceOfSoundAndPicture) {
  // The sound begins first, in the file, too: matroskademux finds out late where time begins.
  const Outcome made =
      Pipeline("matroskamux name=m ! filesink location=\"" + path("in.mkv") +
               "\" videotestsrc timestamp-offset=300000000 num-buffers=30 ! video/x-raw,width=160,height=96,framerate=25/1 "
               "! x264enc bframes=0 b-adapt=false ! h264parse ! m. "
               "audiotestsrc num-buffers=80 ! audio/x-raw,rate=44100 ! avenc_aac ! aacparse ! m.")
          .run();
  ASSERT_TRUE(made.ok()) << made.message;
  for (const std::string name : {"out.mp4", "out.mov", "out.mkv"}) {
    const Finished run = annotate({path("in.mkv"), "-o", path(name)});
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_NEAR(static_cast<double>(times(path(name)).front()), 300e6, kHalfMillisecond) << name;
    const Track before = track(path("in.mkv"), "parsebin ! audio/mpeg"), after = track(path(name), "parsebin ! audio/mpeg");
    EXPECT_EQ(before.bytes, after.bytes) << name;
    ASSERT_EQ(before.times.size(), after.times.size()) << name;
    EXPECT_NEAR(static_cast<double>(before.times.back()), static_cast<double>(after.times.back()), kHalfMillisecond) << name;
  }
}

TEST_F(Formats, CopiesSoundThatBeginsLate) {
  for (const auto& [codec, rate] :
       {std::pair<std::string, std::string>{"opusenc", "48000"}, {"avenc_ac3", "48000"}, {"avenc_aac", "44100"}}) {
    const std::string in = path(codec + ".mkv"), out = path(codec + ".mp4");
    const Outcome made =
        Pipeline("matroskamux name=m ! filesink location=\"" + in +
                 "\" videotestsrc num-buffers=150 ! video/x-raw,format=I420,width=160,height=96,framerate=25/1 ! x264enc bframes=0 "
                 "b-adapt=false "
                 "! h264parse ! queue max-size-time=0 ! m. audiotestsrc num-buffers=70 timestamp-offset=4500000000 ! audio/x-raw,rate=" +
                 rate + ",channels=2 ! " + codec + " ! m.")
            .run();
    ASSERT_TRUE(made.ok()) << made.message;
    const Finished run = annotate({in, "-o", out});
    ASSERT_EQ(run.status, 0) << codec << ": " << run.err;
    EXPECT_EQ(times(out).size(), 150U) << codec;
    const Track before = track(in, "decodebin ! audio/x-raw"), after = track(out, "decodebin ! audio/x-raw");
    ASSERT_FALSE(after.times.empty()) << codec;
    EXPECT_NEAR(static_cast<double>(before.times.front()), static_cast<double>(after.times.front()), 30e6) << codec;
  }
}

TEST_F(Formats, KeepsEveryTrackOfSound) {
  const std::string second = " audiotestsrc num-buffers=50 ! audio/x-raw,rate=48000,channels=1 ! vorbisenc ! m.";
  const std::string input =
      film("in.mkv", 25, "matroskamux", "audiotestsrc num-buffers=45 ! audio/x-raw,rate=44100 ! avenc_aac ! aacparse ! m." + second);
  const Finished run = annotate({input, "-o", path("out.mkv")});
  ASSERT_EQ(run.status, 0) << run.err;
  for (const std::string kind : {"audio/mpeg", "audio/x-vorbis"})
    EXPECT_EQ(track(input, "matroskademux ! " + kind).bytes, track(path("out.mkv"), "matroskademux ! " + kind).bytes) << kind;
}

/// Rewrites the numbers behind a box's name in an mp4 file, at the given offset from the name.
void set_number(std::string& file, const std::string& box, std::size_t offset, std::uint32_t value) {
  const auto at = file.find(box);
  ASSERT_NE(at, std::string::npos) << box;
  GST_WRITE_UINT32_BE(file.data() + at + offset, value);
}

TEST_F(Formats, APieceCutFromAnMp4IsWhole) {
  // As `ffmpeg -ss 4 -t 1 -c copy` leaves it: all frames from the key frame on, and an edit list that begins four seconds later.
  film("in.mp4", 125, "mp4mux movie-timescale=1000 trak-timescale=1000", "", "video/x-raw,format=I420,width=160,height=96,framerate=25/1");
  std::string bytes = read(path("in.mp4"));
  set_number(bytes, "mvhd", 20, 1000);
  set_number(bytes, "elst", 12, 1000);
  set_number(bytes, "elst", 16, 4000);
  write(path("in.mp4"), bytes);
  const Finished run = annotate({path("in.mp4"), "-o", path("out.mp4"), "--json", path("out.jsonl")});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(times(path("out.mp4")).size(), 25U);
  EXPECT_EQ(lines(path("out.jsonl")), 25U);
}

TEST_F(Formats, SaysThatASecondVideoTrackIsLost) {
  const std::string second = "videotestsrc num-buffers=10 ! video/x-raw,width=64,height=48,framerate=25/1 ! x264enc ! h264parse ! m.";
  const Finished run = annotate({film("in.mkv", 10, "matroskamux", second), "-o", path("out.mkv")});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("in.mkv: only the first of 2 video tracks is used"));
  EXPECT_EQ(track(path("out.mkv"), "decodebin ! video/x-raw,width=160").times.size(), 10U);
}

TEST_F(Formats, LosesNoFrameOfANoisyVideoInWebm) {
  const Outcome made = Pipeline(
                           "videotestsrc pattern=snow num-buffers=40 ! video/x-raw,format=I420,width=160,height=96,framerate=25/1 ! "
                           "x264enc speed-preset=ultrafast ! h264parse ! matroskamux ! filesink location=\"" +
                           path("in.mkv") + "\"")
                           .run();
  ASSERT_TRUE(made.ok()) << made.message;
  const Finished run = annotate({path("in.mkv"), "-o", path("out.webm")});
  EXPECT_EQ(run.status, 0) << run.err;
}

TEST_F(Formats, KeepsAllChannelsOfSoundThatItEncodes) {
  // avdec_eac3 says that the speakers are at the sides; of four channels nobody says where.
  const std::string sides =
      film("sides.mkv", 25, "matroskamux",
           "audiotestsrc num-buffers=45 ! audio/x-raw,rate=48000,channels=6,channel-mask=(bitmask)0x3f ! avenc_eac3 ! m.audio_0");
  const std::string four =
      film("four.mov", 25, "qtmux",
           "audiotestsrc num-buffers=45 ! audio/x-raw,format=S16LE,rate=48000,channels=4,channel-mask=(bitmask)0x0 ! m.audio_0");
  for (const auto& [input, channels] : {std::pair(sides, "6"), {four, "4"}})
    for (const std::string name : {"out.webm", "out.mp4"}) {
      const Finished run = annotate({input, "-o", path(name), "--force"});
      ASSERT_EQ(run.status, 0) << input << " to " << name << ": " << run.err;
      EXPECT_FALSE(track(path(name), std::string("decodebin ! audio/x-raw,channels=") + channels).times.empty()) << input << " to " << name;
    }
}

TEST_F(Formats, SaysNotThatSlidesBreakOff) {
  const Finished run = annotate({film("in.mp4", 3, "mp4mux", "", "video/x-raw,format=I420,width=160,height=96,framerate=1/5")});
  EXPECT_EQ(run.status, 0) << run.err;
}

TEST_F(Formats, TakesTheFirstPictureOfAFile) {
  // As phones add a map of the light to a photo.
  std::string both;
  for (const int side : {128, 64}) {
    ASSERT_TRUE(Pipeline("videotestsrc num-buffers=1 ! video/x-raw,width=" + std::to_string(side) + ",height=" + std::to_string(side) +
                         " ! jpegenc ! filesink location=\"" + path("one.jpg") + "\"")
                    .run()
                    .ok());
    both += read(path("one.jpg"));
  }
  write(path("in.jpg"), both);
  const Finished run = annotate({path("in.jpg"), "-o", path("out.jpg"), "--json=" + path("out.jsonl")});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(lines(path("out.jsonl")), 1U);
  EXPECT_EQ(track(path("out.jpg"), "jpegdec ! video/x-raw,width=128").times.size(), 1U);
}

TEST_F(Formats, NamesTheExtensionsThatItKnows) {
  const Finished run = annotate({film("in.mp4", 5), "-o", path("out.avi")});
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(run.err, HasSubstr("webm"));
}

TEST_F(Formats, APictureWithoutFacesIsCopied) {
  for (const std::string name : {"in.png", "in.jpg"}) {
    const std::string encoder = name == "in.png" ? "pngenc" : "jpegenc";
    ASSERT_TRUE(Pipeline("videotestsrc num-buffers=1 ! video/x-raw,width=161,height=97,format=RGB ! videoconvert ! " + encoder +
                         " ! filesink location=\"" + path(name) + "\"")
                    .run()
                    .ok());
    const Finished run = annotate({path(name), "-o", path("out-" + name), "--json=" + path(name + ".jsonl")});
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_THAT(run.out, HasSubstr("1 frame, 0 faces"));
    EXPECT_EQ(lines(path(name + ".jsonl")), 1U);
    EXPECT_THAT(read(path(name + ".jsonl")), HasSubstr("\"faces\":[]"));
    EXPECT_EQ(track(path("out-" + name), "decodebin ! video/x-raw,width=161,height=97").times.size(), 1U);
  }
  // Nothing was drawn, and PNG is lossless. RGBA rows have no padding, whose bytes would be undefined.
  const char* decoded = "pngdec ! videoconvert ! video/x-raw,format=RGBA";
  EXPECT_EQ(track(path("in.png"), decoded).bytes, track(path("out-in.png"), decoded).bytes);
}

TEST_F(Formats, AJpegIsTurnedUprightAsItsExifBlockSays) {
  // The left half is black: which half is it of the upright picture?
  const std::string in = path("in.jpg"), out = path("out.png");
  ASSERT_TRUE(Pipeline("videotestsrc num-buffers=1 pattern=white ! video/x-raw,format=I420,width=48,height=64 ! videobox left=-48 ! "
                       "jpegenc ! filesink location=\"" +
                       in + "\"")
                  .run()
                  .ok());
  orient(in, 6);
  const Finished run = annotate({in, "-o", out});
  ASSERT_EQ(run.status, 0) << run.err;
  const std::string pixels = track(out, "decodebin ! video/x-raw,width=64,height=96 ! videoconvert ! video/x-raw,format=GRAY8").bytes;
  ASSERT_EQ(pixels.size(), 64U * 96U);
  EXPECT_LT(static_cast<unsigned char>(pixels[64 * 10 + 32]), 40);
  EXPECT_GT(static_cast<unsigned char>(pixels[64 * 80 + 32]), 200);
  EXPECT_THAT(run.out, HasSubstr("video-direction=90r"));  // so that the pipeline does the same elsewhere
}

TEST_F(Formats, APictureIsNoFilm) {
  ASSERT_TRUE(Pipeline("videotestsrc num-buffers=1 ! pngenc ! filesink location=\"" + path("in.png") + "\"").run().ok());
  const Finished run = annotate({path("in.png"), "-o", path("out.mp4")});
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("this is a picture"));
}

}  // namespace
}  // namespace fkp::test
