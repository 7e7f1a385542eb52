// SPDX-License-Identifier: LGPL-2.1-or-later
// One input at a time.
#include <sys/stat.h>

#include "annotate_test.h"

namespace fkp::test {
namespace {

using testing::HasSubstr;
using testing::Not;

const char* const kAac = "audiotestsrc wave=white-noise num-buffers=90 ! audio/x-raw,rate=44100,channels=2 ! avenc_aac ! aacparse ! m.";

TEST_F(Annotate, LetsEveryFrameOutAtItsTime) {
  const std::string input = film("in.mp4", 60);
  const Finished run = annotate({input, "-o", path("out.mp4")});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("60 frames, 0 faces, with a face in 0 frames"));
  const auto in = frame_times(input), out = frame_times(path("out.mp4"));
  ASSERT_EQ(in.size(), 60U);
  ASSERT_EQ(out.size(), 60U);
  for (std::size_t i = 0; i < in.size(); i++) EXPECT_NEAR(static_cast<double>(in[i]), static_cast<double>(out[i]), 1e6) << "frame " << i;
  EXPECT_TRUE(part_files().empty());
}

TEST_F(Annotate, KeepsTheSoundBitForBit) {
  const std::string input = film("in.mp4", 50, "mp4mux", kAac);
  const Finished run = annotate({input, "-o", path("out.mp4")});
  ASSERT_EQ(run.status, 0) << run.err;
  const Track in = sound(input), out = sound(path("out.mp4"));
  EXPECT_GT(in.times.size(), 50U);
  EXPECT_EQ(in.times.size(), out.times.size());
  EXPECT_EQ(in.bytes, out.bytes);
}

TEST_F(Annotate, KeepsSoundThatLiesFarFromItsPicture) {
  const std::string input = film("in.mp4", 200, "mp4mux interleave-time=20000000000 interleave-bytes=0",
                                 "audiotestsrc num-buffers=340 ! audio/x-raw,rate=44100,channels=2 ! avenc_aac ! aacparse ! m.");
  const Finished run = annotate({input, "-o", path("out.mp4")});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(frame_times(path("out.mp4")).size(), 200U);
  EXPECT_EQ(sound(input).bytes, sound(path("out.mp4")).bytes);
}

TEST_F(Annotate, EncodesSoundThatMp4CannotCarry) {
  const std::string input =
      film("in.mkv", 25, "matroskamux", "audiotestsrc num-buffers=50 ! audio/x-raw,rate=48000,channels=2 ! vorbisenc ! m.");
  const Finished run = annotate({input, "-o", path("out.mp4")});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_GT(sound(path("out.mp4")).times.size(), 40U);
}

TEST_F(Annotate, LeavesOutSoundThatNothingHereDecodes) {
  const std::string input =
      film("in.mkv", 25, "matroskamux", "audiotestsrc num-buffers=50 ! audio/x-raw,rate=48000,channels=2 ! vorbisenc ! m.");
  const std::string no_vorbis = "GST_PLUGIN_FEATURE_RANK=vorbisdec:NONE,avdec_vorbis:NONE";
  const Finished run = finished({"env", no_vorbis, FKP_ANNOTATE, input, "-o", path("out.mp4")}, folder.path());
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("in.mkv: a sound track is left out: GStreamer has no Vorbis decoder on this machine"));
  EXPECT_THAT(run.err, Not(HasSubstr("No decoder available")));
  EXPECT_EQ(frame_times(path("out.mp4")).size(), 25U);
}

TEST_F(Annotate, WritesALineOfJsonAFrame) {
  const Finished run = annotate({film("in.mp4", 30), "-o", path("out.mp4"), "--json", path("out.jsonl")});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(lines(path("out.jsonl")), 30U);
  EXPECT_TRUE(part_files().empty());
}

TEST_F(Annotate, NeverOverwritesUnlessForced) {
  const std::string input = film("in.mp4", 5);
  std::ofstream(path("out.mp4")) << "mine";
  const Finished refused = annotate({input, "-o", path("out.mp4")});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("out.mp4"));
  EXPECT_EQ(read(path("out.mp4")), "mine");
  EXPECT_EQ(annotate({input, "-o", path("out.mp4"), "--force"}).status, 0);
  EXPECT_EQ(frame_times(path("out.mp4")).size(), 5U);
}

TEST_F(Annotate, NeverOverwritesItsInput) {
  const std::string input = film("in.mp4", 5);
  const std::string before = read(input);
  fs::create_symlink("in.mp4", path("link.mp4"));
  for (const std::string& named : {input, "file://" + input, path("link.mp4"), "file://" + path("link.mp4")})
    for (const std::string option : {"-o", "--json=", "--csv=", "--still="}) {
      const Finished run = annotate({named, "-o", path("out.mp4"), option + input, "--force"});
      EXPECT_NE(run.status, 0) << named << " " << option;
      EXPECT_EQ(read(input), before) << named << " " << option;
    }
  EXPECT_TRUE(part_files().empty());
}

TEST_F(Annotate, NeverReplacesWhatIsNotARegularFile) {
  const std::string input = film("in.mp4", 5), pipe = path("out.jsonl");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  fs::create_symlink("out.jsonl", path("link.jsonl"));
  for (const std::string& output : {pipe, path("link.jsonl"), std::string("/dev/stdout"), std::string("/proc/self/fd/1")}) {
    const Finished run = annotate({input, "--no-video", "--json=" + output, "--force"});
    EXPECT_EQ(run.status, 2) << output;
    EXPECT_THAT(run.err, HasSubstr("'" + output + "' is not a regular file"));
  }
  EXPECT_TRUE(fs::is_fifo(pipe));
  EXPECT_TRUE(fs::is_symlink("/dev/stdout"));
}

TEST_F(Annotate, RefusesOneNameForTwoOutputs) {
  const std::string input = film("in.mp4", 5);
  const std::string detour = (folder / "." / "out.mp4").string();
  EXPECT_EQ(annotate({input, "-o", path("out.mp4"), "--json", detour}).status, 2);
  const Finished still = annotate({input, "--still", path("a.jpg")});
  EXPECT_EQ(still.status, 2);
  EXPECT_THAT(still.err, HasSubstr("a.jpg' cannot be a still's name; it is a PNG"));
  const Finished run = annotate({input, "-o", path("out.mp4"), "--json=" + path("a.png"), "--still", path("a.png")});
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(run.err, HasSubstr("two outputs"));
}

TEST_F(Annotate, LeavesTheFileThatAnotherRunIsWritingAlone) {
  const std::string input = film("in.mp4", 500);
  const std::string brief = film("brief.mp4", 5);
  Process first({FKP_ANNOTATE, input, "-o", path("out.mp4"), "--json", path("out.jsonl")}, folder.path(), "program");
  wait_for_part(folder.path(), 1, "out.jsonl.part");
  first.signal(SIGSTOP);
  fs::create_directory(path("second"));
  const Finished second = finished({FKP_ANNOTATE, brief, "-o", path("out.mp4"), "--force"}, path("second"));
  EXPECT_EQ(second.status, 1);
  EXPECT_THAT(second.err, HasSubstr("another run"));
  first.signal(SIGCONT);
  EXPECT_EQ(first.wait(), 0);
  EXPECT_EQ(frame_times(path("out.mp4")).size(), 500U);
}

TEST_F(Annotate, LeavesNoHalfFileWhenKilled) {
  const std::string input = film("in.mp4", 500);
  const std::vector<std::string> command = {FKP_ANNOTATE,      input,   "-o",           path("out.mp4"), "--json",
                                            path("out.jsonl"), "--csv", path("out.csv")};
  Process killed(command, folder.path(), "program");
  wait_for_part(folder.path(), 1, "out.jsonl.part");
  killed.signal(SIGKILL);
  EXPECT_EQ(killed.wait(), -SIGKILL);
  EXPECT_FALSE(part_files().empty());
  for (const std::string name : {"out.mp4", "out.jsonl", "out.csv"}) EXPECT_FALSE(fs::exists(path(name))) << name;

  const Finished again = finished(command, folder.path());
  ASSERT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(frame_times(path("out.mp4")).size(), 500U);
  EXPECT_EQ(lines(path("out.jsonl")), 500U);
  EXPECT_TRUE(part_files().empty());
}

TEST_F(Annotate, WritesARowOfCsvAFace) {
  NEEDS_DATA();
  const std::string cut = "qtdemux ! h264parse ! identity eos-after=40 ! mp4mux ! filesink location=\"" + path("in.mp4") + "\"";
  ASSERT_TRUE(Pipeline("filesrc location=\"" + clip().string() + "\" ! " + cut).run().ok());
  const Finished run = annotate({path("in.mp4"), "--no-video", "--csv", "--json"});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_FALSE(fs::exists(path("in-annotated.mp4")));
  const std::string csv = read(path("in.mp4.csv"));
  EXPECT_THAT(csv, testing::StartsWith("frame,time,face,left,top,width,height,score,x0,y0,c0,x1,"));
  EXPECT_THAT(csv, HasSubstr("\n0,0.000000,1,"));
  EXPECT_THAT(csv, HasSubstr("\n2,0.080000,1,"));
  EXPECT_EQ(lines(path("in.mp4.csv")), lines(path("in.mp4.jsonl")) + 1);
}

TEST_F(Annotate, SaysThatAFilmBreaksOffAndWritesWhatThereIs) {
  const std::string whole = read(film("in.mp4", 250, "mp4mux faststart=true"));
  std::ofstream(path("broken.mp4"), std::ios::binary) << whole.substr(0, whole.size() / 2);
  const Finished run = annotate({path("broken.mp4"), "-o", path("out.mp4")});
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, testing::ContainsRegex("broken.mp4: it ends after [0-9.]+ of 10.0 seconds"));
  EXPECT_GT(frame_times(path("out.mp4")).size(), 50U);
  const Finished without_copy = annotate({path("broken.mp4"), "--no-video", "--json", path("out.jsonl")});
  EXPECT_EQ(without_copy.status, 1);
  EXPECT_THAT(without_copy.err, HasSubstr("it ends after"));
}

TEST_F(Annotate, SaysThatAPieceOfALongRecordingBreaksOff) {
  const std::string whole = read(film("in.mkv", 250, "matroskamux offset-to-zero=false", "",
                                      "video/x-raw,format=I420,width=160,height=96,framerate=25/1 ! identity ts-offset=1000000000000"));
  std::ofstream(path("broken.mkv"), std::ios::binary) << whole.substr(0, whole.size() / 2);
  const Finished run = annotate({path("broken.mkv"), "-o", path("out.mp4"), "--csv", path("out.csv")});
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, testing::ContainsRegex("broken.mkv: it ends after [0-9.]+ of (10|9.9|9.6)"));
}

TEST_F(Annotate, RemovesTheStillOfAnotherFilm) {
  std::ofstream(path("still.png")) << "old";
  const Finished run = annotate({film("in.mp4", 5), "-o", path("out.mp4"), "--still", path("still.png"), "--force"});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("no frame shows a face"));
  EXPECT_FALSE(fs::exists(path("still.png")));
}

TEST_F(Annotate, NamesABrokenFilmAndLeavesNothing) {
  const std::string whole = read(film("in.mp4", 20));
  std::ofstream(path("broken.mp4"), std::ios::binary) << whole.substr(0, 600);
  std::ofstream(path("empty.mp4")).close();
  for (const std::string name : {"broken.mp4", "empty.mp4", "absent.mp4"}) {
    const Finished run = annotate({path(name), "-o", path("out.mp4"), "--json", path("out.jsonl")});
    EXPECT_EQ(run.status, 1) << name;
    EXPECT_THAT(run.err, HasSubstr(name));
    EXPECT_FALSE(fs::exists(path("out.mp4")));
    EXPECT_FALSE(fs::exists(path("out.jsonl")));
  }
  EXPECT_TRUE(part_files().empty());
}

TEST_F(Annotate, NamesAModelThatIsMissing) {
  const Finished run = annotate({film("in.mp4", 5), "-o", path("out.mp4"), "--model", "nowhere"});
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("nowhere"));
  EXPECT_TRUE(part_files().empty());
}

TEST_F(Annotate, SetsPropertiesOfItsElements) {
  NEEDS_DATA();
  const std::string cut = "qtdemux ! h264parse ! identity eos-after=10 ! mp4mux ! filesink location=\"" + path("in.mp4") + "\"";
  ASSERT_TRUE(Pipeline("filesrc location=\"" + clip().string() + "\" ! " + cut).run().ok());
  const auto run = [&](const std::vector<std::string>& options) {
    std::vector<std::string> arguments{"-o", path("out.mp4"), "--force"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.push_back(path("in.mp4"));  // after an option that may be given more than once
    return annotate(arguments);
  };
  const Finished plain = run({});
  EXPECT_THAT(plain.out, testing::Not(HasSubstr(" 0 faces"))) << plain.err;
  const Finished set = run({"--detect", "max-faces=2", "--detect", "min-face-size=299", "--overlay", "style=mesh"});
  ASSERT_EQ(set.status, 0) << set.err;
  EXPECT_THAT(set.out, HasSubstr(" 0 faces"));
  EXPECT_THAT(set.out, HasSubstr("max-faces=2 min-face-size=299 ! fkpoverlay name=overlay style=mesh"));
}

TEST_F(Annotate, LooksForMoreFacesInAPicture) {
  ASSERT_TRUE(Pipeline("videotestsrc num-buffers=1 ! pngenc ! filesink location=\"" + path("in.png") + "\"").run().ok());
  EXPECT_THAT(annotate({path("in.png")}).out, HasSubstr("max-faces=100 detect-size=1280"));
}

TEST_F(Annotate, SaysWhichPropertyIsWrong) {
  const auto error_of = [&](const std::string& option, const std::string& setting) {
    const Finished run = annotate({"x.mp4", option, setting});
    EXPECT_EQ(run.status, 2) << setting;
    return run.err;
  };
  EXPECT_THAT(error_of("--detect", "max-face=3"), HasSubstr("--detect: fkpdetect has no property 'max-face'; did you mean 'max-faces'?"));
  EXPECT_THAT(error_of("--detect", "max-faces=0"), HasSubstr("--detect: 'max-faces' cannot be '0': out of range"));
  EXPECT_THAT(error_of("--detect", "max-faces"), HasSubstr("it must be PROPERTY=VALUE"));
  EXPECT_THAT(error_of("--overlay", "style=msh"), HasSubstr("--overlay: 'style' cannot be 'msh'; did you mean 'mesh'?"));
}

TEST_F(Annotate, NeedsNamesInUtf8ForItsOutputs) {
  const std::string name = path("latin\xe9.mp4");
  fs::rename(film("in.mp4", 3), name);
  const Finished run = annotate({name});
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("would not be UTF-8"));
  EXPECT_EQ(annotate({name, "-o", path("out.mp4")}).status, 0);
}

TEST_F(Annotate, SaysThatAFileOfSoundShowsNothing) {
  ASSERT_TRUE(Pipeline("audiotestsrc num-buffers=20 ! wavenc ! filesink location=\"" + path("sound.wav") + "\"").run().ok());
  const Finished run = annotate({path("sound.wav"), "-o", path("out.mp4")});
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("no video"));
}

TEST_F(Annotate, SaysWhyAFileCannotBeReached) {
  fs::create_symlink("loop.mp4", path("loop.mp4"));
  const Finished run = annotate({path("loop.mp4")});
  EXPECT_EQ(run.status, 1);
  EXPECT_EQ(run.err, "fkp-annotate: " + path("loop.mp4") + ": Too many levels of symbolic links\n");
}

TEST_F(Annotate, SaysThatAHostMayNotExist) {
  const Element source(gst_element_factory_make("souphttpsrc", nullptr));
  if (!source) GTEST_SKIP() << "needs souphttpsrc";
  const Finished run = annotate({"http://127.0.0.1:1/in.mp4", "-o", path("out.mp4")});
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("http://127.0.0.1:1/in.mp4: it could not be read; does the host exist, and answer?"));
}

TEST_F(Annotate, ExplainsWrongUsage) {
  EXPECT_EQ(annotate({}).status, 2);
  EXPECT_EQ(annotate({"--nonsense", "x"}).status, 2);
  EXPECT_EQ(annotate({"x", "-o", "y.doc"}).status, 2);
  EXPECT_EQ(annotate({"x", "--no-video"}).status, 2);
  EXPECT_EQ(annotate({"x", "--jobs", "0"}).status, 2);
}

TEST_F(Annotate, EndsTheFileProperlyOnCtrlC) {
  const std::string input = film("in.mp4", 3000, "mp4mux", kAac);
  Process child({FKP_ANNOTATE, input, "-o", path("out.mp4"), "--json", path("out.jsonl")}, folder.path(), "program");
  wait_for_part(folder.path(), 1, "out.jsonl.part");
  child.signal(SIGINT);
  child.signal(SIGINT);  // as `timeout` does, which is no second Ctrl-C
  const Finished run = finished(child);
  EXPECT_EQ(run.status, 130) << run.err;
  const std::size_t frames = frame_times(path("out.mp4")).size();
  EXPECT_GT(frames, 0U);
  EXPECT_LT(frames, 3000U);
  EXPECT_EQ(lines(path("out.jsonl")), frames);
  EXPECT_TRUE(part_files().empty());
}

/// Marks an mp4 file as rotated, as phones do: ISO/IEC 14496-12, the matrix of the track header (version 0).
void turn(const std::string& file) {
  static const unsigned char matrix[] = {0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0};  // a b u c d
  std::string bytes = read(file);
  const std::size_t header = bytes.find("tkhd");
  ASSERT_NE(header, std::string::npos);
  bytes.replace(header + 4 + 40, sizeof matrix, reinterpret_cast<const char*>(matrix), sizeof matrix);
  std::ofstream(file, std::ios::binary) << bytes;
}

TEST_F(Annotate, SetsATurnedFilmUpright) {
  const std::string input = film("in.mp4", 10);
  turn(input);
  const Finished run = annotate({input, "-o", path("out.mp4")});
  ASSERT_EQ(run.status, 0) << run.err;
  // As a player shows it, and as it is stored: it must not be rotated again.
  EXPECT_EQ(track(path("out.mp4"), "decodebin ! videoflip video-direction=auto ! video/x-raw,width=96,height=160").times.size(), 10U);
  EXPECT_EQ(track(path("out.mp4"), "decodebin ! video/x-raw,width=96,height=160").times.size(), 10U);
}

TEST_F(Annotate, TakesOddSides) {
  const std::string odd = "video/x-raw,format=Y444,width=161,height=97,framerate=25/1";
  const Finished run = annotate({film("in.mp4", 10, "mp4mux", "", odd), "-o", path("out.mp4")});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(frame_times(path("out.mp4")).size(), 10U);
}

TEST_F(Annotate, PrintsAPipelineThatRuns) {
  const fs::path odd_folder = folder / "it's a \"film\"";
  fs::create_directory(odd_folder);
  const std::string input = (odd_folder / "in put.mp4").string(), output = (odd_folder / "out put.mp4").string();
  fs::rename(film("in.mp4", 20, "mp4mux", kAac), input);
  const Finished run = annotate({input, "-o", output});
  ASSERT_EQ(run.status, 0) << run.err;
  const std::string command = run.out.substr(run.out.find("gst-launch-1.0"));
  fs::remove(output);
  const Finished pasted = finished({"sh", "-c", command}, folder.path());
  ASSERT_EQ(pasted.status, 0) << pasted.err;
  fs::rename(output, path("out.mp4"));
  fs::rename(input, path("in.mp4"));
  EXPECT_EQ(frame_times(path("out.mp4")).size(), 20U);
  EXPECT_EQ(sound(path("out.mp4")).bytes, sound(path("in.mp4")).bytes);
}

TEST_F(Annotate, KeepsTheFilmWhereItsStillCannotBeWritten) {
  NEEDS_DATA();
  const std::string cut = "qtdemux ! h264parse ! identity eos-after=50 ! mp4mux ! filesink location=\"" + path("in.mp4") + "\"";
  ASSERT_TRUE(Pipeline("filesrc location=\"" + clip().string() + "\" ! " + cut).run().ok());
  fs::create_directory(path("stills"));
  Process child({FKP_ANNOTATE, path("in.mp4"), "-o", path("out.mp4"), "--json", path("out.jsonl"), "--still", path("stills/still.png")},
                folder.path(), "program");
  wait_for_part(path("stills"), 0);
  fs::remove_all(path("stills"));
  const Finished run = finished(child);
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("still.png"));
  EXPECT_GT(frame_times(path("out.mp4")).size(), 40U);
  EXPECT_GT(lines(path("out.jsonl")), 40U);
}

TEST_F(Annotate, MakesAStillOfAFace) {
  NEEDS_DATA();
  const Finished run = annotate({clip(), "-o", path("out.mp4"), "--still", path("still.png")});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(track(path("still.png"), "pngdec").times.size(), 1U);
  EXPECT_THAT(run.out, HasSubstr("1337 frames"));
  EXPECT_EQ(frame_times(path("out.mp4")).size(), 1337U);
}

}  // namespace
}  // namespace fkp::test
