// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/clutter.h"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>
#include <set>

namespace fkp {
namespace {

TEST(Clutter, FillsAnySizeWithSomethingElseEachTime) {
  Rng rng(1);
  std::set<int> means;
  int flat = 0;
  for (int i = 0; i < 200; i++) {
    const int size = 8 + i;
    const cv::Mat picture = clutter(size, rng);
    ASSERT_EQ(picture.size(), cv::Size(size, size));
    ASSERT_EQ(picture.type(), CV_8UC1);
    cv::Scalar mean, deviation;
    cv::meanStdDev(picture, mean, deviation);
    means.insert(cvRound(mean[0]));
    flat += deviation[0] < 2;
  }
  EXPECT_GT(means.size(), 80u);
  EXPECT_LT(flat, 20) << "nothing to be mistaken for a face";
}

TEST(Clutter, IsTheSameForTheSameSeed) {
  Rng a(7), b(7);
  EXPECT_EQ(cv::norm(clutter(100, a), clutter(100, b), cv::NORM_INF), 0);
}

}  // namespace
}  // namespace fkp
