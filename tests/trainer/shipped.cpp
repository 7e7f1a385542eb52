// SPDX-License-Identifier: LGPL-2.1-or-later
// What ships, on real faces.
#include <gtest/gtest.h>

#include "evaluate.h"
#include "readers/readers.h"
#include "support/files.h"

namespace fkp {
namespace {

Evaluation shipped_on(const std::string& source) {
  KeypointNet net({"fkp68", "cpu", 1});
  return evaluate(net, read_dataset(source, test::data_folder(), net.description().scheme).samples, {});
}

TEST(ShippedModel, IsAsAccurateAsItsCardSays) {
  NEEDS_DATA();
  const Summary helen = shipped_on("ibug:300w/helen/testset").summary;
  EXPECT_EQ(helen.faces, 330);
  EXPECT_LE(helen.mean, 3.6);
  const Summary youtube = shipped_on("csv:youtube-faces/test_frames_keypoints.csv").summary;
  EXPECT_EQ(youtube.faces, 770);
  EXPECT_LE(youtube.mean, 5.0);
}

}  // namespace
}  // namespace fkp
