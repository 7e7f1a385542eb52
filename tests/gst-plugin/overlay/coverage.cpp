// SPDX-License-Identifier: LGPL-2.1-or-later
#include "coverage.h"

#include <gtest/gtest.h>

#include <cmath>

namespace fkp {
namespace {

/// The covered area in pixels; reads touched cells only, as a canvas does.
double area(const Coverage& coverage) {
  double sum = 0;
  for (int y = coverage.rows().first; y < coverage.rows().last; y++)
    coverage.for_each_cell(y, y, [&](int cell) {
      for (int x = 0; x < Coverage::kCell; x++) sum += coverage.at(cell, y)[x] / 255.0;
    });
  return sum;
}

TEST(Coverage, OfADiscIsItsAreaWhereverBetweenPixelsItLies) {
  Coverage coverage(1200, 80, 1);
  for (const float radius : {2.f, 3.5f, 20.f})
    for (const float shift : {0.f, 0.25f, 0.5f}) {
      coverage.disc({600 + shift, 40 - shift}, radius);
      EXPECT_NEAR(area(coverage), M_PI * radius * radius, 0.05 * M_PI * radius * radius) << radius << ", " << shift;
      coverage.clear();
    }
}

TEST(Coverage, OfALineIsItsLengthTimesItsWidthInEveryDirection) {
  Coverage coverage(400, 400, 1);
  for (int degrees = 0; degrees < 360; degrees += 15) {
    const float angle = static_cast<float>(degrees * M_PI / 180);
    coverage.line({200, 200}, {200 + 150 * std::cos(angle), 200 + 150 * std::sin(angle)}, 3);
    EXPECT_NEAR(area(coverage), 150 * 3 + M_PI * 1.5 * 1.5, 10) << degrees;
    coverage.clear();
  }
}

TEST(Coverage, OfPixelsThatAreNotSquareIsAsMuchSmaller) {
  for (const float aspect : {0.5f, 0.75f, 4 / 3.f, 2.f}) {
    Coverage coverage(400, 100, aspect);
    coverage.disc({200, 50}, 20);
    EXPECT_NEAR(area(coverage), M_PI * 400 / aspect, 20) << aspect;
  }
}

TEST(Coverage, OverlappingStrokesDoNotAddUp) {
  Coverage coverage(100, 100, 1);
  coverage.line({10, 50}, {90, 50}, 3);
  const double once = area(coverage);
  coverage.line({10, 50}, {90, 50}, 3);
  EXPECT_EQ(area(coverage), once);
}

TEST(Coverage, IsCutOffAtTheFrame) {
  Coverage coverage(64, 64, 1);
  coverage.line({-1000, 32}, {1000, 32}, 2);
  EXPECT_NEAR(area(coverage), 64 * 2, 1);
}

TEST(Coverage, TakesNothingFromWhatIsNowhere) {
  Coverage coverage(64, 64, 1);
  for (const float nowhere : {NAN, INFINITY, -INFINITY, 1e30f, -1e30f}) {
    coverage.disc({nowhere, 3}, 5);
    coverage.disc({3, nowhere}, 5);
    coverage.line({nowhere, nowhere}, {nowhere, 3}, 5);
    coverage.line({3, 3}, {nowhere, nowhere}, 5);
  }
  EXPECT_TRUE(coverage.empty());
}

TEST(Coverage, IsEmptyOnceCleared) {
  Coverage coverage(300, 200, 1);
  EXPECT_TRUE(coverage.empty());
  coverage.line({-10, -10}, {400, 150}, 9);
  EXPECT_FALSE(coverage.empty());
  coverage.clear();
  EXPECT_TRUE(coverage.empty());
  coverage.line({0, 0}, {299, 199}, 0.1f);
  for (int y = 0; y < 200; y++) coverage.for_each_cell(y, y, [&](int cell) { EXPECT_LE(std::abs(cell * 8 - y * 1.5), 16) << y; });
}

}  // namespace
}  // namespace fkp
