// SPDX-License-Identifier: LGPL-2.1-or-later
// Several inputs at a time.
#include "annotate_test.h"

namespace fkp::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class Batch : public Annotate {
 protected:
  void SetUp() override { fs::create_directories(folder / "in/sub"); }
  std::string result(const std::string& name) const { return path("out/" + name); }
};

TEST_F(Batch, MirrorsAFolder) {
  film("in/a.mp4", 10);
  film("in/sub/b.MOV", 10, "qtmux");
  film("in/sub/c.avi", 10, "avimux");
  fs::create_directories(folder / "in/.cache");
  film("in/.cache/hidden.mp4", 5);
  ASSERT_TRUE(Pipeline("videotestsrc num-buffers=1 ! pngenc ! filesink location=\"" + path("in/d.png") + "\"").run().ok());
  write(folder / "in/notes.txt", "no film");
  fs::create_directory_symlink(folder / "in", folder / "in/sub/back");
  const Finished run = annotate({path("in"), "-o", path("out"), "--json", "--csv", "--jobs", "3"});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("4 done, 0 there already, 0 failed"));
  for (const std::string name : {"a.mp4", "sub/b.MOV", "sub/c.avi.mp4"})
    EXPECT_EQ(track(result(name), "decodebin ! video/x-raw").times.size(), 10U) << name;
  EXPECT_EQ(track(result("d.png"), "pngdec").times.size(), 1U);
  for (const std::string name : {"a.mp4.jsonl", "sub/b.MOV.jsonl", "sub/c.avi.jsonl"}) EXPECT_EQ(lines(result(name)), 10U) << name;
  EXPECT_TRUE(fs::exists(result("d.png.csv")));
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder / "out")) files += entry.is_regular_file() ? 1 : 0;
  EXPECT_EQ(files, 12U);
}

TEST_F(Batch, NamesWhatIsBrokenAndDoesTheRest) {
  film("in/a.mp4", 10);
  write(folder / "in/b.mp4", "no film at all");
  film("in/c.mp4", 10);
  const Finished run = annotate({path("in"), path("absent.mp4"), "-o", path("out")});
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("in/b.mp4: "));
  EXPECT_THAT(run.err, HasSubstr("absent.mp4: there is no such file"));
  EXPECT_THAT(run.out, HasSubstr("2 done, 0 there already, 2 failed"));
  EXPECT_TRUE(fs::exists(result("a.mp4")));
  EXPECT_FALSE(fs::exists(result("b.mp4")));
  EXPECT_TRUE(fs::exists(result("c.mp4")));
}

TEST_F(Batch, GoesOnAfterAKilledRunWithWhatIsMissing) {
  film("in/a.mp4", 10);
  film("in/b.mp4", 2000);
  film("in/c.mp4", 10);
  const std::vector<std::string> command = {FKP_ANNOTATE, path("in"), "-o", path("out"), "--json"};
  Process killed(command, folder.path(), "program");
  wait_for_part(folder / "out", 1, "b.mp4.jsonl.part");
  killed.signal(SIGKILL);
  EXPECT_EQ(killed.wait(), -SIGKILL);
  ASSERT_TRUE(fs::exists(result("a.mp4")));
  ASSERT_FALSE(fs::exists(result("b.mp4")));
  const std::string first = read(result("a.mp4"));
  const auto time = fs::last_write_time(result("a.mp4"));

  const Finished again = finished(command, folder.path());
  ASSERT_EQ(again.status, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("1 of 3 exist already"));
  EXPECT_THAT(again.out, HasSubstr("2 done, 1 there already, 0 failed"));
  EXPECT_EQ(read(result("a.mp4")), first);
  EXPECT_EQ(fs::last_write_time(result("a.mp4")), time);
  EXPECT_EQ(frame_times(result("b.mp4")).size(), 2000U);
  EXPECT_EQ(lines(result("b.mp4.jsonl")), 2000U);
  EXPECT_TRUE(part_files("out").empty());
}

TEST_F(Batch, MakesAnOutputThatIsMissingBesideOthers) {
  film("in/a.mp4", 10);
  ASSERT_EQ(annotate({path("in"), "-o", path("out")}).status, 0);
  const auto time = fs::last_write_time(result("a.mp4"));
  const Finished run = annotate({path("in"), "-o", path("out"), "--json"});
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(lines(result("a.mp4.jsonl")), 10U);
  EXPECT_EQ(fs::last_write_time(result("a.mp4")), time);
}

TEST_F(Batch, FinishesWhatIsInHandOnCtrlC) {
  film("in/a.mp4", 600);
  film("in/b.mp4", 600);
  film("in/c.mp4", 600);
  Process child({FKP_ANNOTATE, path("in"), "-o", path("out"), "--json", "--jobs", "2"}, folder.path(), "program");
  wait_for_part(folder / "out", 1, "a.mp4.jsonl.part");
  child.signal(SIGINT);
  const Finished run = finished(child);
  EXPECT_EQ(run.status, 130);
  EXPECT_THAT(run.out, HasSubstr(" not started"));
  EXPECT_THAT(run.out, Not(HasSubstr("3 done")));
  EXPECT_FALSE(fs::exists(result("c.mp4")));
  EXPECT_EQ(frame_times(result("a.mp4")).size(), 600U);
  EXPECT_EQ(lines(result("a.mp4.jsonl")), 600U);
  EXPECT_TRUE(part_files("out").empty());
}

TEST_F(Batch, KnowsItsOwnCopies) {
  const std::string a = film("in/a.mp4", 5), b = film("in/b.mp4", 5);
  ASSERT_EQ(annotate({a, b}).status, 0);
  const Finished run = annotate({a, path("in/a-annotated.mp4"), b, path("in/b-annotated.mp4")});
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("the copy of"));
  EXPECT_THAT(run.out, HasSubstr("0 done, 2 there already"));
  EXPECT_FALSE(fs::exists(path("in/a-annotated-annotated.mp4")));
}

TEST_F(Batch, TakesAUriBesideAFile) {
  const Finished run = annotate({film("in/a.mp4", 5), "http://127.0.0.1:1/b.mp4"});
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("http://127.0.0.1:1/b.mp4: "));
  EXPECT_THAT(run.out, HasSubstr("1 done, 0 there already, 1 failed"));
  EXPECT_EQ(frame_times(path("in/a-annotated.mp4")).size(), 5U);
}

TEST_F(Batch, DoesNotTakeItsOutputFolderForInput) {
  film("in/a.mp4", 5);
  for (int run = 0; run < 2; run++) EXPECT_EQ(annotate({path("in"), "-o", path("in/out")}).status, 0);
  EXPECT_FALSE(fs::exists(path("in/out/out")));
  EXPECT_EQ(annotate({path("in"), "-o", path("in")}).status, 2);
}

TEST_F(Batch, RefusesWhatWouldMeet) {
  film("in/a.mp4", 5);
  film("in/sub/a.mp4", 5);
  const Finished run = annotate({path("in/a.mp4"), path("in/sub/a.mp4"), "-o", path("out")});
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(run.err, HasSubstr("would both become"));
  EXPECT_EQ(annotate({path("in"), "--json", path("all.jsonl")}).status, 2);
  EXPECT_EQ(annotate({path("in/a.mp4"), path("in/sub/a.mp4"), "-o", path("out.mp4")}).status, 2);
  EXPECT_EQ(annotate({path("in"), "--still", path("still.png")}).status, 2);
  EXPECT_FALSE(fs::exists(path("out")));
}

TEST_F(Batch, DoesNotTakeItsInputForACopyThatIsThere) {
  film("in/a.mp4", 5);
  const Finished run = annotate({path("in/a.mp4"), "-o", path("in")});
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(run.err, HasSubstr("in/a.mp4' is the input"));
}

TEST_F(Batch, DoesTheRestWhereANameIsTooLong) {
  film("in/a.mp4", 5);
  film("in/" + std::string(250, 'b') + ".mp4", 5);
  for (int i = 0; i < 2; i++) {
    const Finished run = annotate({path("in"), "-o", path("out"), "--json"});
    EXPECT_EQ(run.status, 1);
    EXPECT_THAT(run.out, HasSubstr(i == 0 ? "1 done, 0 there already, 1 failed" : "0 done, 1 there already, 1 failed"));
    EXPECT_THAT(run.err, HasSubstr("File name too long"));
  }
}

TEST_F(Batch, MayBeOneInputWithAStillAndANamedTable) {
  film("in/a.mp4", 5);
  const Finished run = annotate({path("in/a.mp4"), "-o", path("out/"), "--json=" + path("points.jsonl"), "--still", path("still.png")});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(track(result("a.mp4"), "decodebin ! video/x-raw").times.size(), 5U);
  EXPECT_EQ(lines(path("points.jsonl")), 5U);
}

TEST_F(Batch, SaysThatAFolderIsEmpty) {
  const Finished run = annotate({path("in")});
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("no video or picture"));
}

}  // namespace
}  // namespace fkp::test
