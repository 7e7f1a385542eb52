// SPDX-License-Identifier: LGPL-2.1-or-later
// The formats of published sets, in small files like theirs.
#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <opencv2/imgcodecs.hpp>

#include "fkp/core/error.h"
#include "readers/readers.h"
#include "support/exif.h"
#include "support/files.h"

namespace fkp {
namespace {

using testing::HasSubstr;

class Formats : public testing::Test {
 protected:
  void picture(const std::string& name, int width = 100, int height = 80) {
    std::filesystem::create_directories((folder_ / name).parent_path());
    cv::imwrite((folder_ / name).string(), cv::Mat(height, width, CV_8UC1, cv::Scalar(90)));
  }
  Dataset read(const std::string& source, const std::string& scheme_name = "mtfl-5") {
    return read_dataset(source, folder_.path(), scheme(scheme_name));
  }
  std::string error_of(const std::string& source, const std::string& scheme_name = "mtfl-5") {
    try {
      read(source, scheme_name);
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  }

  const test::TemporaryFolder folder_;
};

std::string asf(const std::string& points, const std::string& picture) {
  return "######\n#\n#    AAM Shape File  -  written: Tuesday February 01 - 2005 [16:30]\n#\n\n#\n# number of model points\n#\n5\n\n#\n# "
         "model "
         "points\n#\n" +
         points + "\n#\n# host image\n#\n" + picture + "\n";
}
const std::string kFiveShares =
    "0 \t0 \t0.255 \t0.25625 \t0 \t7 \t1\t0.000000\t0.000000\t0.000000\n0\t0\t0.505\t0.25\t1\t0\t2\n0 4 0.38 0.5 2 1 3\n0 4 0.3 0.7 3 2 4\n"
    "0 4 0.45 0.7 4 3 0\n";

TEST_F(Formats, AsfHasSharesOfThePicture) {
  picture("03_02.jpg");
  test::write(folder_ / "03_02.asf", asf(kFiveShares, "03_02.jpg"));
  const Dataset data = read("asf:.");
  ASSERT_EQ(data.samples.size(), 1u);
  EXPECT_FLOAT_EQ(data.samples[0].points[0].x, 25) << "a quarter and a half pixel of 100, counted from the edge";
  EXPECT_FLOAT_EQ(data.samples[0].points[0].y, 20);
  EXPECT_EQ(data.samples[0].group, "03");
}

TEST_F(Formats, AsfNamesAPersonAsTheSetWith58PointsDoes) {
  picture("07-3f.jpg");
  test::write(folder_ / "07-3f.asf", asf(kFiveShares, "07-3f.jpg"));
  EXPECT_EQ(read("asf:.").samples[0].group, "07");
}

TEST_F(Formats, AsfMayNameAPictureWithBlanks) {
  picture("face of 7.jpg");
  test::write(folder_ / "7.asf", asf(kFiveShares, "face of 7.jpg"));
  EXPECT_EQ(read("asf:.").samples.size(), 1u);
}

TEST_F(Formats, AsfIsRefusedWithItsReason) {
  picture("a.jpg");
  test::write(folder_ / "a.asf", asf(kFiveShares, "a.jpg"));
  test::write(folder_ / "b.asf", asf(kFiveShares, "nowhere.jpg"));
  test::write(folder_ / "c.asf", asf("0 0 0.2 0.2 0 1 1\n", ""));
  test::write(folder_ / "d.asf", asf("0 0 0.2\n", "a.jpg"));
  test::write(folder_ / "e.asf", "58\n");
  const Dataset data = read("asf:.");
  EXPECT_EQ(data.samples.size(), 1u);
  ASSERT_EQ(data.refused.size(), 4u);
  EXPECT_THAT(data.refused[0].reason, HasSubstr("nowhere.jpg"));
  EXPECT_THAT(data.refused[1].reason, HasSubstr("breaks off"));
  EXPECT_THAT(data.refused[2].reason, HasSubstr("point 0 is too short"));
  EXPECT_THAT(data.refused[3].reason, HasSubstr("58 points, the scheme 5"));
}

std::string kaggle_header() {
  std::string header;
  for (std::string name : scheme("kaggle-15").point_names) {
    std::replace(name.begin(), name.end(), '-', '_');
    header += name + "_x," + name + "_y,";
  }
  return header + "Image\n";
}

/// A row with point k at (10.5 + 2k, 20 + 3k), except those left out.
std::string kaggle_row(const std::vector<int>& left_out, int greys = 96 * 96) {
  std::string row;
  for (int k = 0; k < 15; k++) {
    const bool out = std::find(left_out.begin(), left_out.end(), k) != left_out.end();
    row += out ? ",," : std::to_string(10 + 2 * k) + ".5," + std::to_string(20 + 3 * k) + ",";
  }
  for (int i = 0; i < greys; i++) row += (i ? " " : "") + std::to_string(i % 256);
  return row + "\n";
}

TEST_F(Formats, KaggleHasPicturesInsideAndPointsThatAreNotLabelled) {
  test::write(folder_ / "training.csv", kaggle_header() + kaggle_row({}) + kaggle_row({2, 3}));
  const Dataset data = read("kaggle:training.csv", "kaggle-15");
  ASSERT_EQ(data.samples.size(), 2u);
  const Sample& whole = data.samples[0];
  EXPECT_EQ(whole.grey.size(), cv::Size(96, 96));
  EXPECT_EQ(whole.grey.at<uchar>(1, 3), 99);
  EXPECT_FLOAT_EQ(whole.points[4].x, 18.5f);
  EXPECT_FLOAT_EQ(whole.points[4].y, 32);
  EXPECT_FALSE(is_known(data.samples[1].points[2]));
  EXPECT_TRUE(is_known(data.samples[1].points[4]));
  EXPECT_NE(whole.group, data.samples[1].group);
}

TEST_F(Formats, KaggleHasNoPointWhereOneOfItsNumbersIsMissing) {
  std::string no_x = kaggle_row({}), no_y = no_x;
  no_x.erase(0, no_x.find(','));
  const std::size_t y = no_y.find(',') + 1;
  no_y.erase(y, no_y.find(',', y) - y);
  test::write(folder_ / "training.csv", kaggle_header() + no_x + no_y);
  const Dataset data = read("kaggle:training.csv", "kaggle-15");
  ASSERT_EQ(data.samples.size(), 2u);
  for (const Sample& sample : data.samples) {
    EXPECT_FALSE(is_known(sample.points[0]));
    EXPECT_TRUE(is_known(sample.points[1]));
  }
}

TEST_F(Formats, KaggleTakesColumnsByTheirNames) {
  test::write(folder_ / "few.csv", "Image," + kaggle_header());
  EXPECT_THAT(error_of("kaggle:few.csv", "kaggle-15"), HasSubstr("no annotation"));
  test::write(folder_ / "other.csv", "nose_tip_x,nose_tip_y,Image\n");
  EXPECT_THAT(error_of("kaggle:other.csv", "kaggle-15"), HasSubstr("other.csv:1: it has no column 'left_eye_center_x'"));
}

TEST_F(Formats, KaggleMayBeginWithAByteOrderMarkAndLeaveBlanks) {
  std::string blank = kaggle_row({0});
  blank.insert(1, " ");
  test::write(folder_ / "training.csv", "\xEF\xBB\xBF" + kaggle_header() + blank);
  const Dataset data = read("kaggle:training.csv", "kaggle-15");
  ASSERT_EQ(data.samples.size(), 1u);
  EXPECT_FALSE(is_known(data.samples[0].points[0]));
}

TEST_F(Formats, KaggleHasPicturesOfOneSize) {
  test::write(folder_ / "training.csv", kaggle_header() + kaggle_row({}, 192 * 192) + kaggle_row({}));
  const Dataset data = read("kaggle:training.csv", "kaggle-15");
  EXPECT_EQ(data.samples.size(), 1u);
  ASSERT_EQ(data.refused.size(), 1u);
  EXPECT_THAT(data.refused[0].where, HasSubstr("training.csv:2"));
  EXPECT_THAT(data.refused[0].reason, HasSubstr("more than 96 × 96 greys"));
}

TEST_F(Formats, KaggleRowsAreRefusedByTheirLine) {
  test::write(folder_ / "training.csv", kaggle_header() + kaggle_row({}) + kaggle_row({}, 95) + "1,2,3\n");
  const Dataset data = read("kaggle:training.csv", "kaggle-15");
  EXPECT_EQ(data.samples.size(), 1u);
  ASSERT_EQ(data.refused.size(), 2u);
  EXPECT_THAT(data.refused[0].where, HasSubstr("training.csv:3"));
  EXPECT_THAT(data.refused[0].reason, HasSubstr("95 greys"));
  EXPECT_THAT(data.refused[1].reason, HasSubstr("3 fields, the header 31"));
}

TEST_F(Formats, DlibNamesPartsByNumber) {
  picture("lfpw/one.png");
  test::write(folder_ / "labels.xml",
              "<?xml version='1.0' encoding='ISO-8859-1'?>\n<dataset>\n<name>n</name>\n<images>\n  <image file='lfpw/one.png'>\n"
              "    <box top='10' left='20' width='30' height='30'>\n      <part name='00' x='25' y='20'/>\n      <part name='02' x='35' "
              "y='30'/>\n      <part name='01' x='45.5' y='21'/>\n    </box>\n    <box top='1' left='2' width='3' height='3' ignore='1'/>\n"
              "    <box top='1' left='2' width='3' height='3'><part name='05' x='1' y='1'/></box>\n"
              "    <box top='1' left='2' width='3' height='3'><part name='-1' x='1' y='1'/></box>\n"
              "  </image>\n</images>\n</dataset>\n");
  const Dataset data = read("dlib:labels.xml");
  ASSERT_EQ(data.samples.size(), 1u);
  EXPECT_EQ(data.samples[0].points[0].x, 25);
  EXPECT_EQ(data.samples[0].points[1].x, 45.5f);
  EXPECT_FALSE(is_known(data.samples[0].points[3]));
  ASSERT_EQ(data.refused.size(), 2u);
  EXPECT_THAT(data.refused[0].where, testing::AllOf(HasSubstr("one.png"), HasSubstr("labels.xml, box 2")));
  EXPECT_THAT(data.refused[0].reason, HasSubstr("part '05' is none of the scheme's 5"));
  EXPECT_THAT(data.refused[1].reason, HasSubstr("part '-1' is none of the scheme's 5"));
}

TEST_F(Formats, DlibPointsAreThoseOfThePictureAsItIsStored) {
  picture("one.jpg");
  test::orient(folder_ / "one.jpg", 6);
  const std::string points = "<part name='0' x='90' y='20'/><part name='1' x='35' y='30'/>";
  test::write(folder_ / "labels.xml", "<dataset><images><image file='one.jpg'><box>" + points + "</box></image></images></dataset>");
  const Dataset dlib = read("dlib:labels.xml");
  ASSERT_EQ(dlib.samples.size(), 1u);
  EXPECT_EQ(dlib.samples[0].grey.cols, 100);
  test::write(folder_ / "set.csv", "picture,…\none.jpg,10,20,30,20,20,25,12,40,28,40\n");
  const Dataset csv = read("csv:set.csv");
  ASSERT_EQ(csv.samples.size(), 1u);
  EXPECT_EQ(csv.samples[0].grey.cols, 80);
}

TEST_F(Formats, DlibKnowsThePicturesOtherFacesWhetherTheyAreUsedOrNot) {
  picture("one.png");
  const auto box = [](const char* left, const std::string& rest) {
    return std::string("<box top='10' left='") + left + "' width='20' height='30'" + rest;
  };
  test::write(folder_ / "labels.xml", "<dataset><images><image file='one.png'>" +
                                          box("1", "><part name='0' x='5' y='20'/><part name='1' x='15' y='20'/></box>") + box("31", "/>") +
                                          box("61", " ignore='1'/>") + "</image></images></dataset>");
  const Dataset data = read("dlib:labels.xml");
  ASSERT_EQ(data.samples.size(), 1u);
  EXPECT_EQ(data.samples[0].others, (std::vector<cv::Rect2f>{{30.5f, 9.5f, 20, 30}, {60.5f, 9.5f, 20, 30}}));
  EXPECT_EQ(data.refused.size(), 1u);
}

TEST_F(Formats, SharePixelsBetweenThePicturesFaces) {
  picture("a_1.png");
  picture("b_1.png");
  const std::string points = ",10,20,30,20,20,25,12,40,28,40\n";
  test::write(folder_ / "set.csv", "picture,…\na_1.png" + points + "a_1.png" + points + "b_1.png" + points);
  const Dataset data = read("csv:set.csv");
  ASSERT_EQ(data.samples.size(), 3u);
  EXPECT_EQ(data.samples[0].grey.data, data.samples[1].grey.data);
  EXPECT_NE(data.samples[1].grey.data, data.samples[2].grey.data);
}

TEST_F(Formats, DlibThatIsNoXmlSaysWhere) {
  test::write(folder_ / "labels.xml", "<dataset><images></dataset>");
  EXPECT_THAT(error_of("dlib:labels.xml"), testing::AllOf(HasSubstr("labels.xml is no XML"), HasSubstr("byte")));
}

TEST_F(Formats, WflwHasALineAFace) {
  picture("WFLW_images/7--Cheering/7_Cheering_1.jpg", 400, 400);
  std::string line;
  for (int k = 0; k < 98; k++) line += std::to_string(100 + k) + ".25 " + std::to_string(200 - k) + " ";
  line += "90 80 210 220 0 1 0 0 0 0 7--Cheering/7_Cheering_1.jpg\n";
  std::filesystem::create_directories(folder_ / "WFLW_annotations/list");
  test::write(folder_ / "WFLW_annotations/list/train.txt", line + "1 2 3\n");
  const Dataset data = read("wflw:WFLW_annotations/list/train.txt", "wflw-98");
  ASSERT_EQ(data.samples.size(), 1u);
  EXPECT_FLOAT_EQ(data.samples[0].points[3].x, 103.25f);
  EXPECT_EQ(data.samples[0].points[97].y, 103);
  ASSERT_EQ(data.refused.size(), 1u);
  EXPECT_THAT(data.refused[0].where, HasSubstr("train.txt:2"));
  EXPECT_THAT(data.refused[0].reason, HasSubstr("3 fields"));
}

TEST_F(Formats, KnowThePicturesOtherFaces) {
  picture("a_1.png");
  picture("b_1.png");
  const std::string left = ",10,20,30,20,20,25,12,40,28,40\n", right = ",50,20,70,20,60,25,52,40,68,40\n";
  test::write(folder_ / "set.csv", "picture,…\na_1.png" + left + "a_1.png" + right + "b_1.png" + right);
  const Dataset data = read("csv:set.csv");
  ASSERT_EQ(data.samples.size(), 3u);
  ASSERT_EQ(data.samples[0].others.size(), 1u);
  EXPECT_EQ(data.samples[0].others[0], data.samples[1].box());
  ASSERT_EQ(data.samples[1].others.size(), 1u);
  EXPECT_EQ(data.samples[1].others[0], data.samples[0].box());
  EXPECT_TRUE(data.samples[2].others.empty());
  EXPECT_EQ(picture_of(data.samples[0]).faces.size(), 2u);
}

TEST_F(Formats, CsvMayLeavePointsOut) {
  picture("a_1.png");
  test::write(folder_ / "set.csv", "picture,…\na_1.png,10,20,30,20,,,12,40,28,\na_1.png,10,20,30,20,,,12,40,,\n");
  const Dataset data = read("csv:set.csv");
  ASSERT_EQ(data.samples.size(), 1u);
  EXPECT_FALSE(is_known(data.samples[0].points[2]));
  EXPECT_FALSE(is_known(data.samples[0].points[4]));
  EXPECT_THAT(data.refused.at(0).reason, HasSubstr("'' is no number")) << "half a point";
}

TEST(ImmFrontal, HasTenPicturesOfEachOfTwelve) {
  NEEDS_DATA();
  const Scheme s = scheme("imm-73");
  const Dataset data = read_dataset("asf:imm-frontal", test::data_folder(), s);
  ASSERT_EQ(data.samples.size(), 120u);
  std::map<std::string, int> pictures;
  for (const Sample& sample : data.samples) {
    pictures[sample.group]++;
    const Points& p = sample.points;
    EXPECT_LT(p[16].x, p[24].x) << sample.picture << ": the right eye lies on the picture's left";
    EXPECT_LT(p[45].y, p[49].y) << sample.picture << ": the nose lies above the mouth";
    EXPECT_LT(p[57].y, p[60].y + 1) << sample.picture << ": so does the upper lip's line above the lower's";
  }
  EXPECT_EQ(pictures.size(), 12u);
  for (const auto& [person, count] : pictures) EXPECT_EQ(count, 10) << person;
}

}  // namespace
}  // namespace fkp
