// SPDX-License-Identifier: LGPL-2.1-or-later
#include "readers/readers.h"

#include <gmock/gmock.h>

#include <opencv2/imgcodecs.hpp>

#include "fkp/core/error.h"
#include "support/files.h"

namespace fkp {
namespace {

namespace fs = std::filesystem;
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

TEST_F(Readers, RefuseAJpegThatEndsEarly) {
  for (const char* name : {"a_1", "b_1"}) {
    cv::Mat noise(60, 50, CV_8UC1);
    cv::randu(noise, 0, 255);
    cv::imwrite((folder_ / (std::string(name) + ".jpg")).string(), noise);
    test::write(folder_ / (std::string(name) + ".pts"), pts(kGood));
  }
  fs::resize_file(folder_ / "b_1.jpg", fs::file_size(folder_ / "b_1.jpg") / 2);
  const Dataset data = read("ibug:.");
  EXPECT_EQ(data.samples.size(), 1u);
  ASSERT_EQ(data.refused.size(), 1u);
  EXPECT_THAT(data.refused[0].reason, testing::AllOf(HasSubstr("b_1.jpg"), HasSubstr("cut off")));
}

TEST_F(Readers, TakeAJpegThatAPhoneAppendedAFilmTo) {
  picture("a_1.jpg");
  test::write(folder_ / "a_1.pts", pts(kGood));
  test::write(folder_ / "a_1.jpg", test::read(folder_ / "a_1.jpg") + "ftypmp42 \xFF\xDA and no end");
  EXPECT_EQ(read("ibug:.").samples.size(), 1u);
}

/// A PNG with the chunk that names a gamma of 1 / 2.2, before its pixels.
std::string with_gamma(std::string png) {
  constexpr char kChunk[] = "\0\0\0\4gAMA\0\0\xB1\x8F\x0B\xFC\x61\x05";
  return png.insert(png.find("IDAT") - 4, std::string(kChunk, sizeof kChunk - 1));
}

TEST_F(Readers, TakeTheSameGreysWhetherAPngNamesItsGammaOrNot) {
  const cv::Scalar blue(220, 60, 30);
  cv::imwrite((folder_ / "a_1.png").string(), cv::Mat(60, 50, CV_8UC3, blue));
  test::write(folder_ / "b_1.png", with_gamma(test::read(folder_ / "a_1.png")));
  for (const char* name : {"a_1.pts", "b_1.pts"}) test::write(folder_ / name, pts(kGood));
  const Dataset data = read("ibug:.");
  ASSERT_EQ(data.samples.size(), 2u);
  for (const Sample& s : data.samples) EXPECT_NEAR(s.grey.at<std::uint8_t>(30, 20), 0.114 * 220 + 0.587 * 60 + 0.299 * 30, 1) << s.picture;
}

TEST_F(Readers, TakePicturesOfEachExtension) {
  for (const std::string name : {"a_1.jpg", "b_1.png", "c_1.jpeg"}) {
    picture(name);
    test::write(folder_ / fs::path(name).replace_extension(".pts"), pts(kGood));
  }
  EXPECT_EQ(read("ibug:.").samples.size(), 3u);
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

TEST_F(Readers, DoNotTakeADayForOnePicture) {
  for (const char* name : {"20230115_142233", "20230115_142240", "2963_1", "2963_12"}) {
    picture(std::string(name) + ".png");
    test::write(folder_ / (std::string(name) + ".pts"), pts(kGood));
  }
  std::vector<std::string> groups;
  for (const Sample& s : read("ibug:.").samples) groups.push_back(s.group);
  EXPECT_THAT(groups, testing::ElementsAre("20230115_142233", "20230115_142240", "2963", "2963"));
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

TEST_F(Readers, LookForPicturesBesideACsvThoughAFolderHasItsName) {
  fs::create_directory(folder_ / "set");
  picture("set/anna_1.jpg");
  test::write(folder_ / "set.csv", "picture,x\nset/anna_1.jpg,10,20,30,20,20,30,12,40,28,40\n");
  EXPECT_EQ(read("csv:set.csv").samples.size(), 1u);
}

TEST_F(Readers, DeriveBoxesOnlyFromFacesWithAllTheirPoints) {
  picture("a.jpg");
  std::string whole = "a.jpg", part = "a.jpg";
  for (int k = 0; k < 68; k++) {
    const std::string point = "," + std::to_string(10 + k % 9) + "," + std::to_string(10 + k / 9);
    whole += point;
    part += k < 17 ? "," + std::string(",") : point;  // without its jaw
  }
  test::write(folder_ / "set.csv", "picture,x\n" + whole + "\n" + part + "\n");
  const PictureSet set = read_faces("csv:set.csv", folder_.path());
  EXPECT_EQ(set.pictures.size(), 1u);
  ASSERT_EQ(set.refused.size(), 1u);
  EXPECT_THAT(set.refused[0].reason, testing::HasSubstr("lacks a point"));
  test::write(folder_ / "set.csv", "picture,x\n" + part + "\n");
  EXPECT_THROW(read_faces("csv:set.csv", folder_.path()), Error);
}

TEST_F(Readers, TakeTheFoldersOfACsvForPeople) {
  std::string rows = "picture,x\n";
  for (const char* name : {"anna/1", "anna/2", "anna/2_mirror", "ben/1", "ben/left_1", "ben/left_2", "eve_1"}) {
    fs::create_directories((folder_ / name).parent_path());
    picture(name + std::string(".jpg"));
    rows += name + std::string(".jpg,10,20,30,20,20,30,12,40,28,40\n");
  }
  test::write(folder_ / "set.csv", rows);
  std::vector<std::string> groups;
  for (const Sample& s : read("csv:set.csv").samples) groups.push_back(s.group);
  EXPECT_THAT(groups, testing::ElementsAre("anna", "anna", "anna", "ben", "ben/left", "ben/left", "eve"));
}

TEST_F(Readers, TakeAFolderOfAllPicturesForNobody) {
  fs::create_directory(folder_ / "all");
  std::string rows = "picture,x\n";
  for (const char* name : {"all/1.jpg", "all/2.jpg", "all/anna_1.jpg", "elsewhere/missing.jpg"}) {
    if (name[0] == 'a') picture(name);
    rows += name + std::string(",10,20,30,20,20,30,12,40,28,40\n");
  }
  test::write(folder_ / "set.csv", rows);
  std::vector<std::string> groups;
  for (const Sample& s : read("csv:set.csv").samples) groups.push_back(s.group);
  EXPECT_THAT(groups, testing::ElementsAre("1", "2", "anna"));
}

TEST_F(Readers, RefuseASampleAndSayWhy) {
  EXPECT_THAT(refusal_of(pts("1 2\n3 4\n")), HasSubstr("2 points, the scheme 5"));
  EXPECT_THAT(refusal_of(pts("11 21\n31 21\n21 x\n13 41\n29 41\n")), HasSubstr("'x' is no number"));
  EXPECT_THAT(refusal_of(pts("11 21\n31 21\n21 nan\n13 41\n29 41\n")), HasSubstr("'nan' is no number"));
  EXPECT_THAT(refusal_of(pts("11 21\n31 21\n21 500\n13 41\n29 41\n")), HasSubstr("far outside the picture of 50×60"));
  EXPECT_THAT(refusal_of("version: 1\n{\n1 2\n"), HasSubstr("no closing brace"));
  EXPECT_THAT(refusal_of(pts("11 21\n14 21\n12 22\n11 23\n14 23\n")), HasSubstr("within 4 pixels"));
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

TEST_F(Readers, TakeACsvFromAnyProgram) {
  picture("a_1.jpg");
  picture("b, c_1.jpg");
  const std::string four = ",10,20,30,20,20,30,12,40";
  test::write(folder_ / "set.csv", "\xEF\xBB\xBFpicture,x\r\na_1.jpg" + four + ",,\r\na_1.jpg" + four + ", , \r\n\"a_1.jpg\"" + four +
                                       ",\"28\", 40\r\n" + "\"b, c_1.jpg\"" + four + ",28,40\r\n");
  const Dataset data = read("csv:set.csv");
  for (const Refusal& r : data.refused) ADD_FAILURE() << r.where << ": " << r.reason;
  ASSERT_EQ(data.samples.size(), 4u);
  for (const std::size_t i : {0u, 1u}) EXPECT_FALSE(is_known(data.samples[i].points[4])) << "row " << i;
  EXPECT_EQ(data.samples[2].points[4].x, 28);
  EXPECT_EQ(data.samples[3].group, "b, c");
}

TEST_F(Readers, AskForTheHeaderOfACsv) {
  picture("a_1.jpg");
  const std::string face = "a_1.jpg,10,20,30,20,20,30,,,28,40\n";
  test::write(folder_ / "bare.csv", face + face);
  EXPECT_THAT(error_of("csv:bare.csv"), testing::AllOf(HasSubstr("bare.csv:1"), HasSubstr("header")));
  test::write(folder_ / "counted.csv", "picture,0,1,2,3,4,5,6,7,8,9\n" + face);
  EXPECT_EQ(read("csv:counted.csv").samples.size(), 1u) << "pandas numbers columns that have no name";
}

TEST_F(Readers, RefuseAPictureThatNoMemoryHolds) {
  picture("a_1.jpg");
  // A header of 50,000 by 50,000 pixels.
  const unsigned char header[] = {0x89, 'P',  'N',  'G', 13, 10,   26,   10, 0, 0, 0, 13, 'I',  'H',  'D',  'R', 0,
                                  0,    0xC3, 0x50, 0,   0,  0xC3, 0x50, 8,  0, 0, 0, 0,  0x11, 0x22, 0x33, 0x44};
  test::write(folder_ / "huge_1.png", std::string(header, header + sizeof header));
  const std::string points = ",10,20,30,20,20,30,12,40,28,40\n";
  test::write(folder_ / "set.csv", ",0\na_1.jpg" + points + "huge_1.png" + points);
  const Dataset data = read("csv:set.csv");
  EXPECT_EQ(data.samples.size(), 1u);
  ASSERT_EQ(data.refused.size(), 1u);
  EXPECT_THAT(data.refused[0].where, HasSubstr("set.csv:3"));
  EXPECT_THAT(data.refused[0].reason, HasSubstr("huge_1.png"));
}

TEST_F(Readers, KeepAPictureAndItsMirroredCopyTogether) {
  for (const char* name : {"1051618982_1", "1051618982_1_mirror", "296814969_3_mirror"}) {
    picture(std::string(name) + ".jpg");
    test::write(folder_ / (std::string(name) + ".pts"), pts(kGood));
  }
  const Dataset data = read("ibug:.");
  ASSERT_EQ(data.samples.size(), 3u);
  EXPECT_EQ(data.samples[0].group, data.samples[1].group);
  EXPECT_EQ(data.samples[2].group, "296814969");
}

TEST_F(Readers, NameWhatIsNotThere) {
  EXPECT_THAT(error_of("ibug:nowhere"), HasSubstr("nowhere"));
  EXPECT_THAT(error_of("csv:nowhere.csv"), HasSubstr("nowhere.csv"));
  EXPECT_THAT(error_of("zip:x"), HasSubstr("ibug:FOLDER"));
  EXPECT_THAT(error_of("ibug:."), HasSubstr("no usable face"));
}

class WiderLists : public Readers {
 protected:
  WiderLists() { fs::create_directories(folder_ / "images/a"); }
  PictureSet list(const std::string& text) {
    test::write(folder_ / "list.txt", text);
    return read_pictures("wider:list.txt", folder_.path());
  }
  std::string error_of_list(const std::string& text) {
    try {
      list(text);
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), ErrorKind::unreadable);
      return e.what();
    }
    return "";
  }
};

TEST_F(WiderLists, AreReadAsTheyCome) {
  picture("images/a/1_2.jpg");
  picture("images/b c.jpg");
  const PictureSet set = list("a/1_2.jpg\n2\n10 20 5 6 0 0 0 0 0 0 \n1 2 3 4 2 0 1 0 2 0\r\nb c.jpg\r\n1\n7 8 9 10 0 0 0 0 0 0\n");
  ASSERT_EQ(set.pictures.size(), 2u);
  EXPECT_TRUE(set.refused.empty());
  ASSERT_EQ(set.pictures[0].faces.size(), 2u);
  EXPECT_EQ(set.pictures[0].faces[0], cv::Rect2f(9.5f, 19.5f, 5, 6)) << "edges; pixel centres are at integers";
  EXPECT_EQ(set.pictures[0].group, "1") << "as the crops of its faces";
  EXPECT_EQ(set.pictures[0].grey.size(), cv::Size(50, 60));
  EXPECT_EQ(set.pictures[1].faces.size(), 1u);
}

TEST_F(WiderLists, MayBeginWithAByteOrderMark) {
  picture("images/a/1_2.jpg");
  EXPECT_EQ(list("\xEF\xBB\xBF"
                 "a/1_2.jpg\r\n0\r\n")
                .pictures.size(),
            1u);
}

TEST_F(WiderLists, MayHoldPicturesWithoutFaces) {
  for (const char* name : {"images/none.jpg", "images/1.jpg", "images/2.jpg"}) picture(name);
  const PictureSet set = list("none.jpg\n0\n0 0 0 0 0 0 0 0 0 0\n1.jpg\n0\n2.jpg\n1\n1 1 0 5 0 0 0 0 0 0\n");
  ASSERT_EQ(set.pictures.size(), 3u) << "with the line of zeros, and without";
  for (const Picture& p : set.pictures) EXPECT_TRUE(p.faces.empty()) << p.file << ": a box without width is no face";
}

TEST_F(WiderLists, RefuseAPictureThatIsMissingAndGoOn) {
  picture("images/there.jpg");
  test::write(folder_ / "images/text.jpg", "no picture");
  const PictureSet set = list("gone.jpg\n1\n1 1 5 5 0 0 0 0 0 0\ntext.jpg\n1\n1 1 5 5 0 0 0 0 0 0\nthere.jpg\n1\n1 1 5 5 0 0 0 0 0 0\n");
  EXPECT_EQ(set.pictures.size(), 1u);
  ASSERT_EQ(set.refused.size(), 2u);
  EXPECT_THAT(set.refused[0].where, HasSubstr("list.txt:1"));
  EXPECT_THAT(set.refused[0].reason, HasSubstr("gone.jpg"));
  EXPECT_THAT(set.refused[1].where, HasSubstr("list.txt:4"));
}

TEST_F(WiderLists, NameTheLineWhereTheyBreakOff) {
  picture("images/x.jpg");
  EXPECT_THAT(error_of_list("x.jpg\nmany\n"), testing::AllOf(HasSubstr("list.txt:2"), HasSubstr("'many' is no number of faces")));
  EXPECT_THAT(error_of_list("x.jpg\n1\n1 2 3\n"), testing::AllOf(HasSubstr("list.txt:3"), HasSubstr("no box")));
  EXPECT_THAT(error_of_list("x.jpg\n-1\n"), HasSubstr("'-1'"));
  EXPECT_THAT(error_of_list("x.jpg\n2\n1 1 5 5 0 0 0 0 0 0\n"), HasSubstr("breaks off"));
  EXPECT_THAT(error_of_list("x.jpg\n"), HasSubstr("breaks off"));
  EXPECT_THAT(error_of_list(""), HasSubstr("no usable picture"));
}

TEST_F(WiderLists, AreNamedWhereTheyAreMissing) {
  EXPECT_THROW(read_pictures("wider:nowhere.txt", folder_.path()), Error);
  EXPECT_THROW(read_pictures("ibug:.", folder_.path()), Error);
}

TEST(RealData, IsReadWhole) {
  NEEDS_DATA();
  const Scheme s = scheme("ibug-68");
  const Dataset helen = read_dataset("ibug:300w/helen/trainset", test::data_folder(), s);
  EXPECT_EQ(helen.samples.size(), 870u);
  EXPECT_TRUE(helen.refused.empty());
  EXPECT_EQ(read_dataset("csv:youtube-faces/training_frames_keypoints.csv", test::data_folder(), s).samples.size(), 3462u);
}

}  // namespace
}  // namespace fkp
