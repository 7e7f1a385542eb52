// SPDX-License-Identifier: LGPL-2.1-or-later
#include "readers.h"

#include <gmock/gmock.h>

#include <opencv2/imgcodecs.hpp>

#include "fkp/core/error.h"
#include "support/files.h"

namespace fkp {
namespace {

using testing::HasSubstr;

const Scheme& five() { return scheme("mtfl-5"); }

std::string pts(const std::string& points) { return "version: 1\nn_points: 5\n{\n" + points + "}\n"; }
const std::string kGood = "11 21\n31 21\n21 31\n13 41\n29 41\n";

class Readers : public testing::Test {
 protected:
  void picture(const std::string& name) { cv::imwrite((folder_ / name).string(), cv::Mat(60, 50, CV_8UC1, cv::Scalar(90))); }
  Dataset read(const std::string& source) { return read_dataset(source, folder_.path(), five()); }

  std::string refusal_of(const std::string& points) {
    picture("good_1.jpg");
    test::write(folder_ / "good_1.pts", pts(kGood));
    picture("bad_1.jpg");
    test::write(folder_ / "bad_1.pts", points);
    const Dataset data = read("ibug:.");
    EXPECT_EQ(data.samples.size(), 1u);
    if (data.refused.size() != 1) return "";
    EXPECT_THAT(data.refused[0].where, HasSubstr("bad_1.pts"));
    return data.refused[0].reason;
  }

  std::string error_of(const std::string& source) {
    try {
      read(source);
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  }

  const test::TemporaryFolder folder_;
};

TEST_F(Readers, TakeOneFromIbugsCoordinates) {
  picture("12_3.jpg");
  test::write(folder_ / "12_3.pts", pts(kGood));
  const Dataset data = read("ibug:.");
  ASSERT_EQ(data.samples.size(), 1u);
  EXPECT_EQ(data.samples[0].points[0].x, 10);
  EXPECT_EQ(data.samples[0].points[4].y, 40);
  EXPECT_EQ(data.samples[0].group, "12") << "faces of one picture belong together";
  EXPECT_EQ(data.samples[0].grey.size(), cv::Size(50, 60));
}

TEST_F(Readers, DoNotTakeACollectionForOnePicture) {
  for (const char* name : {"image_0001", "image_0002"}) {
    picture(std::string(name) + ".png");
    test::write(folder_ / (std::string(name) + ".pts"), pts(kGood));
  }
  const Dataset data = read("ibug:.");
  ASSERT_EQ(data.samples.size(), 2u);
  EXPECT_NE(data.samples[0].group, data.samples[1].group);
}

TEST_F(Readers, TakeACsvAsItIs) {
  std::filesystem::create_directory(folder_ / "training");
  picture("training/Jane_Doe_04.jpg");
  test::write(folder_ / "training_frames_keypoints.csv", ",0,1,2,3,4,5,6,7,8,9\nJane_Doe_04.jpg,10.0,20,30,20,20,30,12,40,28,40.5\n");
  const Dataset data = read("csv:training_frames_keypoints.csv");
  ASSERT_EQ(data.samples.size(), 1u);
  EXPECT_EQ(data.samples[0].points[0].x, 10);
  EXPECT_EQ(data.samples[0].points[4].y, 40.5f);
  EXPECT_EQ(data.samples[0].group, "Jane_Doe");
}

TEST_F(Readers, RefuseASampleAndSayWhy) {
  EXPECT_THAT(refusal_of(pts("1 2\n3 4\n")), HasSubstr("2 points, the scheme 5"));
  EXPECT_THAT(refusal_of(pts("11 21\n31 21\n21 x\n13 41\n29 41\n")), HasSubstr("'x' is no number"));
  EXPECT_THAT(refusal_of(pts("11 21\n31 21\n21 nan\n13 41\n29 41\n")), HasSubstr("'nan' is no number"));
  EXPECT_THAT(refusal_of(pts("11 21\n31 21\n21 500\n13 41\n29 41\n")), HasSubstr("far outside the picture of 50×60"));
  EXPECT_THAT(refusal_of("version: 1\n{\n1 2\n"), HasSubstr("no closing brace"));
}

TEST_F(Readers, RefuseARowOfACsvByItsLine) {
  picture("a_1.jpg");
  test::write(folder_ / "set.csv", ",0\na_1.jpg,10,20,30,20,20,30,12,40,28,40\na_1.jpg,1,2\nb_1.jpg,10,20,30,20,20,30,12,40,28,40\n");
  const Dataset data = read("csv:set.csv");
  EXPECT_EQ(data.samples.size(), 1u);
  ASSERT_EQ(data.refused.size(), 2u);
  EXPECT_THAT(data.refused[0].where, HasSubstr("set.csv:3"));
  EXPECT_THAT(data.refused[0].reason, HasSubstr("3 fields"));
  EXPECT_THAT(data.refused[1].reason, HasSubstr("no picture"));
}

TEST_F(Readers, NameWhatIsNotThere) {
  EXPECT_THAT(error_of("ibug:nowhere"), HasSubstr("nowhere"));
  EXPECT_THAT(error_of("csv:nowhere.csv"), HasSubstr("nowhere.csv"));
  EXPECT_THAT(error_of("zip:x"), HasSubstr("ibug:FOLDER"));
  EXPECT_THAT(error_of("ibug:."), HasSubstr("no usable face"));
}

TEST(RealData, IsReadWhole) {
  NEEDS_DATA();
  const Scheme& s = scheme("ibug-68");
  const Dataset helen = read_dataset("ibug:300w/helen/trainset", test::data_folder(), s);
  EXPECT_EQ(helen.samples.size(), 870u);
  EXPECT_TRUE(helen.refused.empty());
  EXPECT_EQ(read_dataset("csv:youtube-faces/training_frames_keypoints.csv", test::data_folder(), s).samples.size(), 3462u);
}

}  // namespace
}  // namespace fkp
