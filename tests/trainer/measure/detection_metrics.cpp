// SPDX-License-Identifier: LGPL-2.1-or-later
#include "measure/detection_metrics.h"

#include <gtest/gtest.h>

namespace fkp {
namespace {

FoundFace found(const cv::Rect2f& box, float score) { return {box, score, {}}; }
const cv::Rect2f kFirst(0, 0, 20, 20), kSecond(100, 0, 20, 20), kNowhere(50, 50, 20, 20);

TEST(Matched, GivesAFaceToTheBestBoxAlone) {
  const PictureResult r{{kFirst, kSecond}, {found({1, 0, 20, 20}, 0.5f), found(kFirst, 0.9f), found(kSecond, 0.3f), found(kNowhere, 1)}};
  EXPECT_EQ(matched(r), (std::vector<int>{-1, 0, 1, -1}));
}

TEST(Matched, AsksForHalfAnOverlap) {
  EXPECT_EQ(matched({{{0, 0, 30, 20}}, {found({0, 0, 15, 20}, 1)}}), std::vector<int>{0});
  EXPECT_EQ(matched({{{0, 0, 30, 20}}, {found({0, 0, 14, 20}, 1)}}), std::vector<int>{-1});
}

TEST(DetectionSummary, OfFourFacesByHand) {
  // In order of score: right, wrong, right, right, wrong; one of four faces is never found.
  // Precision at the right ones: 1, 2/3, 3/4; the best at that recall or more: 1, 3/4, 3/4.
  const std::vector<PictureResult> results{{{kFirst, kSecond}, {found(kFirst, 0.9f), found(kNowhere, 0.8f), found(kSecond, 0.7f)}},
                                           {{kFirst, kSecond}, {found(kFirst, 0.6f), found(kNowhere, 0.5f)}}};
  const DetectionSummary s = detection_summary(results);
  EXPECT_EQ(s.images, 2);
  EXPECT_EQ(s.faces, 4);
  EXPECT_NEAR(s.ap, (1 + 0.75 + 0.75) / 4, 1e-9);
  EXPECT_NEAR(s.ap_small, s.ap, 1e-9) << "all are small";
  EXPECT_EQ(s.ap_large, 0);
  EXPECT_NEAR(s.recall_fppi01, 0.25, 1e-9) << "no false box is allowed in two pictures";
  EXPECT_FLOAT_EQ(s.threshold_fppi01, 0.9f);
}

TEST(DetectionSummary, AllowsOneFalseBoxInTenPictures) {
  std::vector<PictureResult> results(10, {{kFirst}, {found(kFirst, 0.9f)}});
  results[0].found = {found(kNowhere, 0.95f)};
  results[1].found = {found(kNowhere, 0.5f), found(kFirst, 0.4f)};
  const DetectionSummary s = detection_summary(results);
  EXPECT_NEAR(s.recall_fppi01, 0.8, 1e-9);
  EXPECT_FLOAT_EQ(s.threshold_fppi01, 0.9f);
}

TEST(DetectionSummary, CalibratesOnlyByFacesThatWereFound) {
  const auto score = [](const std::vector<FoundFace>& boxes) { return detection_summary({{{kFirst}, boxes}}).score_to_calibrate(); };
  EXPECT_FALSE(score({})) << "nothing was found";
  EXPECT_FALSE(score({found(kNowhere, 0.9f), found(kFirst, 0.8f)})) << "the surest box is wrong";
  EXPECT_FLOAT_EQ(*score({found(kFirst, 0.3f)}), 0.3f);
  EXPECT_FLOAT_EQ(*score({found(kFirst, 1)}), 0.999f) << "whose logit is finite";
  EXPECT_FLOAT_EQ(*score({found(kFirst, 0)}), 0.001f);
}

TEST(DetectionSummary, IgnoresOtherSizesInASizesPrecision) {
  const cv::Rect2f large(0, 0, 100, 100);
  const DetectionSummary s =
      detection_summary({{{large, kSecond}, {found(large, 0.9f), found({50, 150, 20, 20}, 0.8f), found(kSecond, 0.7f)}}});
  EXPECT_NEAR(s.ap_large, 1, 1e-9) << "the false box is a small one";
  EXPECT_NEAR(s.ap_small, 0.5, 1e-9);
}

TEST(DetectionSummary, TakesFacesFrom32PixelsOnForMediumAndFrom96OnForLarge) {
  const cv::Rect2f small(0, 0, 31, 31), medium(50, 0, 32, 32), large(0, 100, 96, 96);
  const DetectionSummary s = detection_summary({{{small, medium, large}, {found(medium, 0.9f)}}});
  EXPECT_EQ(s.ap_small, 0);
  EXPECT_NEAR(s.ap_medium, 1, 1e-9);
  EXPECT_EQ(s.ap_large, 0);
}

TEST(DetectionSummary, OfNothingIsEmpty) {
  const DetectionSummary s = detection_summary({});
  EXPECT_EQ(s.faces, 0);
  EXPECT_EQ(s.ap, 0);
}

}  // namespace
}  // namespace fkp
