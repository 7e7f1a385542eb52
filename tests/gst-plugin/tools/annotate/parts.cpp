// SPDX-License-Identifier: LGPL-2.1-or-later
// The parts of fkp-annotate that need no video.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <clocale>

#include "captions.h"
#include "csv.h"
#include "demuxer_error.h"
#include "fkp/core/error.h"
#include "media.h"
#include "part_file.h"
#include "support/files.h"

namespace fkp::test {
namespace {

using testing::HasSubstr;

TEST(Captions, LoseTheirMarkup) {
  EXPECT_EQ(text_of_markup("Salt &amp; <i>pepper</i> &lt; 3", true), "Salt & <i>pepper</i> < 3");
  EXPECT_EQ(text_of_markup("Salt &amp; <i>pepper</i>\nnext", false), "Salt & pepper\nnext");
}

TEST(Captions, AreLeftAsTheyAreWhereTheyAreNoMarkup) {
  EXPECT_EQ(text_of_markup("Salt & <i>pepper", true), "Salt & <i>pepper");
  EXPECT_EQ(text_of_markup("a < b", true), "a < b");
}

TEST(Captions, LoseTagsEvenWhereTheyAreNoMarkup) {
  EXPECT_EQ(text_of_markup("<i>Tom & Jerry</i>", false), "Tom & Jerry");
  EXPECT_EQ(text_of_markup("<I>Upper</I>\nline <3 &amp;lt; two", false), "Upper\nline <3 &lt; two");
  EXPECT_EQ(text_of_markup("<font color=\"#ffff00\">AT&T</font> <b>x", false), "AT&T x");
}

TEST(DemuxerError, NamesWhatIsWrongWithAFile) {
  const TemporaryFolder folder;
  const std::string name = (folder / "cut.mp4").string();
  std::ofstream(name, std::ios::binary) << std::string(
                                               "\0\0\0\x14"
                                               "ftypisom\0\0\0\0isom\0\0\4\0mdat",
                                               28)
                                        << std::string(1016, 'x');
  EXPECT_THAT(demuxer_error(name), HasSubstr("no playable streams"));
  write(name, "no film");
  EXPECT_EQ(demuxer_error(name), "");
}

class PartFiles : public testing::Test {
 protected:
  std::string name() const { return (folder / "out.txt").string(); }
  const TemporaryFolder folder;
};

TEST_F(PartFiles, HaveTheirNameOnceTheyAreWhole) {
  {
    PartFile file(name(), "", false);
    write(file.part(), "whole");
    EXPECT_FALSE(fs::exists(name()));
    file.keep();
  }
  EXPECT_EQ(read(name()), "whole");
  EXPECT_FALSE(fs::exists(name() + ".part"));
}

TEST_F(PartFiles, TakeALinkThatLeadsNowhereForAFile) {
  fs::create_symlink("nowhere", name());
  EXPECT_THROW(PartFile(name(), "", false), std::runtime_error) << "now, rather than when all is done";
}

TEST_F(PartFiles, AreGoneWhereTheyAreNotKept) {
  { const PartFile file(name(), "", false); }
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST_F(PartFiles, TakeOverWhatAKilledRunHasLeft) {
  write(name() + ".part", "half of it");
  PartFile file(name(), "", false);
  EXPECT_EQ(read(file.part()), "");
}

TEST_F(PartFiles, AreForOneRunAlone) {
  const PartFile file(name(), "", false);
  EXPECT_THROW(PartFile(name(), "", true), std::runtime_error);
}

TEST_F(PartFiles, CanBeLentToAnElementThatLocksThem) {
  PartFile file(name(), "", false);
  file.lend();
  {
    const int element = open(file.part().c_str(), O_WRONLY);
    ASSERT_EQ(flock(element, LOCK_EX | LOCK_NB), 0);
    EXPECT_THROW(PartFile(name(), "", true), std::runtime_error);
    EXPECT_THROW(file.keep(), std::runtime_error);  // it is not done yet
    close(element);
  }
  file.keep();
  EXPECT_TRUE(fs::exists(name()));
}

TEST_F(PartFiles, LeaveWhatAnotherRunHasTakenAlone) {
  {
    PartFile file(name(), "", false);
    file.lend();
    PartFile other(name(), "", false);
    write(other.part(), "another's");
    EXPECT_THROW(file.keep(), std::runtime_error);
    other.keep();
    EXPECT_THROW(file.keep(), std::runtime_error);
  }
  EXPECT_EQ(read(name()), "another's");
}

TEST_F(PartFiles, NeverOverwriteWhatHasComeInTheMeantime) {
  PartFile file(name(), "", false);
  write(file.part(), "mine");
  write(name(), "another's");
  EXPECT_THROW(file.keep(), std::runtime_error);
  EXPECT_EQ(read(name()), "another's");
}

TEST(CsvFile, HasARowForEachFace) {
  const TemporaryFolder folder;
  const std::string name = (folder / "out.csv").string();
  const Buffer buffer(gst_buffer_new());
  const Scheme scheme = triangle();
  GstFkpMeta* meta = gst_fkp_buffer_add_meta(buffer.get(), scheme.get(), 64, 48);
  Csv csv(name);
  csv.write(0, 0, meta);
  add_triangle(meta, 7, 1, 2, 10);
  add_triangle(meta, 8, 20.5, 2, 10);
  const char* german = std::setlocale(LC_NUMERIC, "de_DE.UTF-8");  // harmless if it is not installed
  csv.write(1, 40 * GST_MSECOND, meta);
  csv.write(2, GST_CLOCK_TIME_NONE, meta);
  csv.close();
  if (german) std::setlocale(LC_NUMERIC, "C");
  EXPECT_EQ(read(name).substr(0, 210),
            "frame,time,face,left,top,width,height,score,x0,y0,c0,x1,y1,c1,x2,y2,c2\n"
            "1,0.040000,7,1.00,2.00,10.00,10.00,0.900,1.00,2.00,0.500,11.00,2.00,0.750,6.00,12.00,1.000\n"
            "1,0.040000,8,20.50,2.00,10.00,10.00,0.900,20.50,");
  EXPECT_THAT(read(name), HasSubstr("\n2,,7,"));
  const Buffer other(gst_buffer_new());
  GstFkpMeta* oblong = gst_fkp_buffer_add_meta(other.get(), scheme.get(), 64, 48);
  const GstFkpPoint points[3] = {};
  gst_fkp_meta_add_face(oblong, 9, 1, 2, 30, 40, 0.5f, FALSE, points, 3);
  Csv second(name);
  second.write(0, 0, oblong);
  second.close();
  EXPECT_THAT(read(name), HasSubstr("\n0,0.000000,9,1.00,2.00,30.00,40.00,0.500,"));
}

TEST(CsvFile, SaysThatTheDiskIsFull) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "needs /dev/full";
  const Buffer buffer(gst_buffer_new());
  const Scheme scheme = triangle();
  GstFkpMeta* meta = gst_fkp_buffer_add_meta(buffer.get(), scheme.get(), 64, 48);
  add_triangle(meta, 1, 1, 2, 10);
  Csv csv("/dev/full");
  try {
    for (int frame = 0; frame < 1000; frame++) csv.write(static_cast<std::uint64_t>(frame), 0, meta);
    csv.close();
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::disk_full);
    EXPECT_THAT(e.what(), HasSubstr("/dev/full"));
  }
}

}  // namespace
}  // namespace fkp::test
