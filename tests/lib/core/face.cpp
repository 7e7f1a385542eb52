// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/face.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace fkp {
namespace {

TEST(FrameJson, HasEveryField) {
  FrameRecord record{"door", 7, 233'000'000, 400, 300, "mtfl-5", {}};
  record.faces.push_back({3, {10.126f, 20, 30, 30}, 0.987f, true, {{1.004f, 2.5f, 0.25f}}});
  EXPECT_EQ(to_json(record), R"({"version":1,"stream":"door","frame":7,"pts":233000000,"width":400,"height":300,"scheme":"mtfl-5",)"
                             R"("faces":[{"id":3,"box":[10.13,20.0,30.0,30.0],"score":0.99,"held":true,"points":[[1.0,2.5,0.25]]}]})");
}

TEST(FrameJson, OfAnEmptyFrameWithoutATimestamp) {
  EXPECT_EQ(to_json(FrameRecord{"", 0, std::nullopt, 8, 6, "ibug-68", {}}),
            R"({"version":1,"frame":0,"pts":null,"width":8,"height":6,"scheme":"ibug-68","faces":[]})");
}

TEST(FrameJson, IsOneLineOfJsonWhateverTheNames) {
  const std::string line = to_json(FrameRecord{"a\n\"b\xff", 0, 1, 8, 6, "x", {}});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_TRUE(nlohmann::json::accept(line));
}

}  // namespace
}  // namespace fkp
