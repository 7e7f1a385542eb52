// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/frame_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace fkp {
namespace {

FrameRecord one_face() {
  FrameRecord record;
  record.stream = "door";
  record.frame = 7;
  record.pts = 3'233'000'000;
  record.stream_time = 233'000'000;
  record.time = WallTime{1'769'860'800'123'456'789, true};
  record.width = 400;
  record.height = 300;
  record.scheme = "mtfl-5";
  record.faces.push_back({3, {10.126f, 20, 30, 30}, 0.987f, true, {{1.004f, 2.5f, 0.25f}}});
  return record;
}

TEST(FrameJson, HasEveryField) {
  EXPECT_EQ(to_json(one_face()),
            R"({"version":1,"stream":"door","frame":7,"pts":3233000000,"stream_time":233000000,"time":"2026-01-31T12:00:00.123456Z",)"
            R"("time_source":"reference","width":400,"height":300,"scheme":"mtfl-5",)"
            R"("faces":[{"id":3,"box":[10.13,20.0,30.0,30.0],"score":0.99,"held":true,"points":[[1.0,2.5,0.25]]}]})");
}

TEST(FrameJson, OfAnEmptyFrameWithoutATimestamp) {
  FrameRecord record;
  record.width = 8;
  record.height = 6;
  record.scheme = "ibug-68";
  EXPECT_EQ(to_json(record), R"({"version":1,"frame":0,"pts":null,"stream_time":null,"time":null,"time_source":null,)"
                             R"("width":8,"height":6,"scheme":"ibug-68","faces":[]})");
}

TEST(FrameJson, LeavesOutWhatIsNotWanted) {
  EXPECT_EQ(to_json(one_face(), {0, 2}),
            R"({"version":1,"stream":"door","frame":7,"pts":3233000000,"width":400,"height":300,"scheme":"mtfl-5","faces":[{"id":3}]})");
  const auto face = nlohmann::json::parse(to_json(one_face(), {kIncludePoints | kIncludeBox, 2}))["faces"][0];
  EXPECT_EQ(face["points"], nlohmann::json({{1.0, 2.5}}));
  EXPECT_EQ(face["box"], nlohmann::json({10.13, 20, 30, 30}));
  EXPECT_FALSE(face.contains("score"));
  EXPECT_FALSE(face.contains("held"));
}

TEST(FrameJson, RoundsCoordinatesAsAsked) {
  const auto face = [](int decimals) { return nlohmann::json::parse(to_json(one_face(), {kIncludeAll, decimals}))["faces"][0]; };
  EXPECT_EQ(face(0)["box"][0], 10);
  EXPECT_EQ(face(1)["box"][0], 10.1);
  EXPECT_EQ(face(3)["box"][0], 10.126);
  EXPECT_EQ(face(0)["score"], 0.99);
  EXPECT_EQ(face(0)["points"][0][2], 0.25);
}

TEST(FrameJson, IsOneLineOfJsonWhateverTheNames) {
  FrameRecord record;
  record.stream = "a\n\"b\xff";
  const std::string line = to_json(record);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_TRUE(nlohmann::json::accept(line));
}

TEST(Rfc3339, CountsFrom1970) {
  EXPECT_EQ(rfc3339(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(rfc3339(1'709'164'799'999'999'999), "2024-02-28T23:59:59.999999Z");
  EXPECT_EQ(rfc3339(-1000), "1969-12-31T23:59:59.999999Z");
}

}  // namespace
}  // namespace fkp
