// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/model.h"

#include <gmock/gmock.h>

#include "fkp/core/error.h"
#include "support/files.h"

namespace fkp {
namespace {

using testing::HasSubstr;

TEST(FindModel, SeeksANameInTheModelPath) {
  const test::TemporaryFolder folder;
  test::write(folder / "mine.pt", "");
  const char* set = std::getenv("FKP_MODEL_PATH");
  const std::string before = set ? set : "";
  setenv("FKP_MODEL_PATH", ("/nowhere:" + folder.path().string()).c_str(), 1);
  EXPECT_EQ(find_model("mine"), folder / "mine.pt");
  setenv("FKP_MODEL_PATH", before.c_str(), 1);
}

TEST(FindModel, LetsAPathWin) {
  const test::TemporaryFolder folder;
  test::write(folder / "mine.pt", "");
  EXPECT_EQ(find_model((folder / "mine.pt").string()), folder / "mine.pt");
}

TEST(FindModel, SaysWhereItSought) {
  try {
    find_model("no-such-model");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::not_found);
    EXPECT_THAT(e.what(), testing::AllOf(HasSubstr("no-such-model.pt"), HasSubstr("FKP_MODEL_PATH")));
  }
}

TEST(ModelDescription, GoesThroughJsonUnchanged) {
  const ModelDescription d{"m", scheme("mtfl-5"), {{96, 96}, 1.4f}, -1, 1, 96, -0.5f, R"({"epochs":3})"};
  const ModelDescription back = model_description_from_json(to_json(d));
  EXPECT_EQ(back.name, "m");
  EXPECT_EQ(back.scheme.name, "mtfl-5");
  EXPECT_EQ(back.crop.size, cv::Size(96, 96));
  EXPECT_EQ(back.range_black, -1);
  EXPECT_FLOAT_EQ(back.crop.margin, 1.4f);
  EXPECT_FALSE(back.crop.whole_picture);
  EXPECT_EQ(back.crop.equalise, Equalise::none);
  EXPECT_EQ(back.scale, 96);
  EXPECT_EQ(back.offset, -0.5f);
  EXPECT_EQ(back.training, R"({"epochs":3})");
}

TEST(ModelDescription, OfAWholePictureGoesThroughJsonUnchanged) {
  const ModelDescription d{"m", scheme("nose-1"), {{80, 60}, 1, true, Equalise::clahe}, 0, 1, 1, 0, "{}"};
  const CropSpec back = model_description_from_json(to_json(d)).crop;
  EXPECT_EQ(back.size, cv::Size(80, 60));
  EXPECT_TRUE(back.whole_picture);
  EXPECT_EQ(back.equalise, Equalise::clahe);
}

TEST(ModelDescription, OfASquareCropOfAFaceSaysNothingThatOlderReadersDoNotKnow) {
  const std::string json = to_json(ModelDescription{"m", scheme("mtfl-5"), {{96, 96}, 1.4f}, -1, 1, 1, 0, "{}"});
  EXPECT_THAT(json, HasSubstr("\"size\": 96"));
  EXPECT_THAT(json, testing::Not(HasSubstr("equalise")));
  EXPECT_THAT(json, testing::Not(HasSubstr("\"crop\"")));
}

TEST(DetectorDescription, GoesThroughJsonUnchanged) {
  DetectorDescription d{"d", scheme("mtfl-5"), 256, 200, -1, 1, {8, 16}, 0.4f, 0.01f, 0.12f, 0.9f, R"({"epochs":3})"};
  const DetectorDescription back = detector_description_from_json(to_json(d));
  EXPECT_EQ(back.name, "d");
  EXPECT_EQ(back.scheme.name, "mtfl-5");
  EXPECT_EQ(back.longest, 256);
  EXPECT_EQ(back.largest_face, 200);
  EXPECT_EQ(back.range_black, -1);
  EXPECT_EQ(back.strides, (std::vector<int>{8, 16}));
  EXPECT_FLOAT_EQ(back.overlap, 0.4f);
  EXPECT_FLOAT_EQ(back.shift_x, 0.01f);
  EXPECT_FLOAT_EQ(back.shift_y, 0.12f);
  EXPECT_FLOAT_EQ(back.side, 0.9f);
  EXPECT_EQ(back.training, R"({"epochs":3})");
  EXPECT_TRUE(is_of_detector(to_json(d)));
}

TEST(DetectorDescription, IsToldFromAKeypointNetworks) {
  const std::string keypoints = to_json(ModelDescription{"m", scheme("mtfl-5"), {{96, 96}, 1.4f}, -1, 1, 1, 0, "{}"});
  EXPECT_FALSE(is_of_detector(keypoints));
  EXPECT_FALSE(is_of_detector("nonsense"));
  EXPECT_THROW(detector_description_from_json(keypoints), Error);
  EXPECT_THROW(model_description_from_json(to_json(DetectorDescription{"d", scheme("mtfl-5")})), Error);
}

TEST(DetectorDescription, RefusesStridesThatNoInputFits) {
  DetectorDescription d{"d", scheme("mtfl-5")};
  d.strides = {8, 24};
  EXPECT_THROW(detector_description_from_json(to_json(d)), Error);
}

TEST(DetectorDescription, RefusesNumbersThatMakeNoSense) {
  const std::string good = to_json(DetectorDescription{"d", scheme("mtfl-5")});
  EXPECT_NO_THROW(detector_description_from_json(good));
  for (const auto& [key, value] : std::vector<std::pair<std::string, std::string>>{{"\"longest\": ", "2147483647"},
                                                                                   {"\"longest\": ", "640.5"},
                                                                                   {"\"largest_face\": ", "-1"},
                                                                                   {"\"overlap\": ", "-1"},
                                                                                   {"\"overlap\": ", "1.01"},
                                                                                   {"\"largest_face\": ", "8193"},
                                                                                   {"\"side\": ", "0"}}) {
    std::string bad = good;
    const auto at = bad.find(key) + key.size();
    bad.replace(at, bad.find_first_of(",\n", at) - at, value);
    EXPECT_THROW(detector_description_from_json(bad), Error) << bad;
  }
  EXPECT_FALSE(is_of_detector(R"({"finds": 3})"));
}

TEST(ModelDescription, RefusesNumbersThatMakeNoSense) {
  const auto with = [](const std::string& input, const std::string& output = "{}") {
    return R"({"name": "m", "scheme": "mtfl-5", "input": )" + input + R"(, "output": )" + output + "}";
  };
  EXPECT_NO_THROW(model_description_from_json(with(R"({"size": [32, 48], "range": [0, 1]})")));
  for (const char* input : {R"({"size": 4294967328})", R"({"size": 32.9})", R"({"size": [32, 32, 3]})", R"({"size": 32, "range": [1, 1]})",
                            R"({"size": 32, "range": [0, 255, 1]})", R"({"size": 32, "margin": 1e39})"})
    EXPECT_THROW(model_description_from_json(with(input)), Error) << input;
  EXPECT_THROW(model_description_from_json(with(R"({"size": 32})", R"({"scale": 0})")), Error);
}

TEST(ModelDescription, IsUnreadableWhereItNamesWhatNobodyKnows) {
  for (const char* json : {R"({"name": "m", "scheme": "mtfl-6", "input": {"size": 32}})",
                           R"({"name": "m", "scheme": "mtfl-5", "input": {"size": 32, "equalise": "loudly"}})"}) {
    try {
      model_description_from_json(json);
      ADD_FAILURE() << json;
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), ErrorKind::unreadable) << "not not_found: the file is there";
    }
  }
}

TEST(FindModel, TakesAnyTextForAName) { EXPECT_THROW(find_model(std::string(300, 'x')), Error); }

TEST(FaceBox, IsASquareOfTheDetectedBoxesArea) {
  DetectorDescription d{"d", scheme("mtfl-5")};
  d.shift_y = 0.125f;
  d.side = 0.5f;
  const cv::Rect2f box = face_box_of({10, 20, 40, 160}, 0, d);
  EXPECT_FLOAT_EQ(box.width, 40);
  EXPECT_FLOAT_EQ(box.height, 40);
  EXPECT_FLOAT_EQ(box.x, 10);
  EXPECT_FLOAT_EQ(box.y, 20 + 80 + 20 - 20);
}

TEST(FaceBox, IsShiftedAlongTheFacesOwnAxes) {
  DetectorDescription d{"d", scheme("mtfl-5")};
  d.shift_x = 0.25f;
  d.shift_y = 0.125f;
  d.side = 0.5f;
  const cv::Rect2f box = face_box_of({20, 10, 160, 40}, static_cast<float>(CV_PI / 2), d);  // turned clockwise, its chin is on the left
  EXPECT_FLOAT_EQ(box.width, 40);
  EXPECT_NEAR(box.x, 20 + 80 - 20 - 20, 1e-4);
  EXPECT_NEAR(box.y, 10 + 20 + 10 - 20, 1e-4);
}

TEST(FaceBox, LiesAroundPointsAsTheModelSays) {
  ModelDescription d{"m", scheme("mtfl-5"), {{96, 96}, 1.5f}};
  const Points level{{40, 40}, {60, 40}, {50, 50}, {42, 60}, {58, 60}};
  EXPECT_EQ(face_box_of(level, 7, d), face_box(level));
  d.face_box = {0.125f, -0.25f, 2};
  EXPECT_EQ(face_box_of(level, 7, d), cv::Rect2f(35, 20, 40, 40));
  const Luma picture{cv::Mat(100, 100, CV_8UC1)};
  const Region next = region_of(picture, level, 7, d);
  EXPECT_EQ(next.center, cv::Point2f(55, 40));
  EXPECT_EQ(next.side, 60);
  const Points turned{{60, 40}, {60, 60}, {50, 50}, {40, 42}, {40, 58}};  // by a quarter, clockwise
  const cv::Rect2f box = face_box_of(turned, 7, d);
  EXPECT_NEAR(box.x, 40, 1e-4);
  EXPECT_NEAR(box.y, 35, 1e-4);
  EXPECT_NEAR(region_of(picture, turned, 7, d).center.x, 60, 1e-4);
  EXPECT_NEAR(region_of(picture, turned, 7, d).center.y, 55, 1e-4);
}

TEST(FaceBox, KeepsItsSizeAroundASinglePoint) {
  ModelDescription d{"m", scheme("nose-1"), {{96, 96}, 1.5f}};
  d.face_box = {0, -0.125f, 1};
  EXPECT_EQ(face_box_of({{50, 50}}, 16, d), cv::Rect2f(42, 40, 16, 16));
  const Region next = region_of({cv::Mat(100, 100, CV_8UC1)}, {{50, 50}}, 16, d);
  EXPECT_EQ(next.center, cv::Point2f(50, 48));
  EXPECT_EQ(next.side, 24);
  d.crop.whole_picture = true;
  EXPECT_EQ(face_box_of({{50, 50}}, 16, d).width, 0) << "the picture says nothing about the face's size";
}

TEST(ModelDescription, KeepsHowTheFaceBoxLies) {
  ModelDescription d{"m", scheme("mtfl-5"), {{96, 96}, 1.4f}};
  EXPECT_EQ(to_json(d).find("face_box"), std::string::npos);
  d.face_box = {0.5f, -0.25f, 2};
  const PointsToBox read = model_description_from_json(to_json(d)).face_box;
  EXPECT_EQ(read.x, 0.5f);
  EXPECT_EQ(read.y, -0.25f);
  EXPECT_EQ(read.side, 2);
  d.face_box.side = 0;
  EXPECT_THROW(model_description_from_json(to_json(d)), Error);
}

TEST(ModelDescription, NamesTheMissingKey) {
  const auto problem = [](const char* json) -> std::string {
    try {
      model_description_from_json(json);
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  };
  EXPECT_THAT(problem(R"({"name": "m", "input": {"size": 32}})"), HasSubstr("scheme"));
  EXPECT_THAT(problem(R"({"name": "m", "scheme": "mtfl-5"})"), HasSubstr("input"));
  EXPECT_THAT(problem(R"({"name": "m", "scheme": "mtfl-5", "input": {"size": 0}})"), HasSubstr("of 0 pixels"));
  EXPECT_THAT(problem(R"({"name": "m", "scheme": "mtfl-5", "input": {"size": [32, 4]}})"), HasSubstr("of 4 pixels"));
  EXPECT_THAT(problem(R"({"name": "m", "scheme": "mtfl-5", "input": {"size": 32, "equalise": "clah"}})"),
              HasSubstr("'equalise' \"clah\", which is none of \"none\", \"histogram\", \"clahe\""));
  EXPECT_THAT(problem("nonsense"), HasSubstr("fkp.json"));
}

}  // namespace
}  // namespace fkp
