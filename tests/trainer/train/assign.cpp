// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/assign.h"

#include <gtest/gtest.h>

namespace fkp {
namespace {

/// The cells of a picture of 64×64 at strides 8, 16 and 32; all predict a box of twice their stride, with a low score.
std::vector<Cell> cells64() {
  std::vector<Cell> cells;
  for (float stride : {8.f, 16.f, 32.f})
    for (float y = stride / 2; y < 64; y += stride)
      for (float x = stride / 2; x < 64; x += stride)
        cells.push_back({{x - 0.5f, y - 0.5f}, stride, 0.1f, {x - 0.5f - stride, y - 0.5f - stride, 2 * stride, 2 * stride}});
  return cells;
}

int at(const std::vector<Cell>& cells, float x, float y, float stride) {
  for (std::size_t i = 0; i < cells.size(); i++)
    if (cells[i].center == cv::Point2f(x, y) && cells[i].stride == stride) return static_cast<int>(i);
  ADD_FAILURE() << "no such cell";
  return 0;
}

TEST(Assign, GivesAFaceToTheCellThatSeesItBest) {
  const auto cells = cells64();
  // A face equal to the box of the cell at (27.5, 27.5) of stride 8, and one equal to that of a cell of stride 16.
  const auto small = assign(cells, {{19.5f, 19.5f, 16, 16}}, {}, {});
  EXPECT_EQ(small[at(cells, 27.5f, 27.5f, 8)], 0);
  EXPECT_EQ(small[at(cells, 7.5f, 7.5f, 16)], kBackground);
  const auto large = assign(cells, {{7.5f, 7.5f, 32, 32}}, {}, {});
  EXPECT_EQ(large[at(cells, 23.5f, 23.5f, 16)], 0);
  EXPECT_EQ(large[at(cells, 19.5f, 19.5f, 8)], kBackground) << "its box is too small by far";
}

TEST(Assign, GivesEveryFaceACell) {
  // Far smaller than a stride, and between four cells.
  const auto to = assign(cells64(), {{30, 30, 3, 3}, {5, 50, 2, 2}}, {}, {});
  EXPECT_GE(std::count(to.begin(), to.end(), 0), 1);
  EXPECT_GE(std::count(to.begin(), to.end(), 1), 1);
}

TEST(Assign, GivesAFaceAsManyCellsAsAgree) {
  auto cells = cells64();
  const cv::Rect2f face(20, 20, 24, 24);
  const auto few = assign(cells, {face}, {}, {});
  for (Cell& cell : cells) cell.box = face;
  const auto many = assign(cells, {face}, {}, {});
  EXPECT_GT(std::count(many.begin(), many.end(), 0), std::count(few.begin(), few.end(), 0));
  EXPECT_LE(std::count(many.begin(), many.end(), 0), 10);
}

TEST(Assign, LeavesAContestedCellToTheFaceThatItSeesBest) {
  auto cells = cells64();
  const int cell = at(cells, 27.5f, 27.5f, 8);
  const cv::Rect2f first(19.5f, 19.5f, 16, 16), second(21.5f, 19.5f, 16, 16);
  cells[cell].box = second;
  cells[cell].score = 0.9f;
  EXPECT_EQ(assign(cells, {first, second}, {}, {})[cell], 1);
  EXPECT_EQ(assign(cells, {second, first}, {}, {})[cell], 0);
}

TEST(Assign, TeachesNothingInIgnoredPlaces) {
  const auto cells = cells64();
  const auto to = assign(cells, {}, {{0, 0, 10, 10}}, {});
  EXPECT_EQ(to[at(cells, 3.5f, 3.5f, 8)], kNothing);
  EXPECT_EQ(to[at(cells, 11.5f, 3.5f, 8)], kBackground);
}

TEST(Assign, DoesNotPunishSmallFindsWhereLabelsAreIncomplete) {
  auto cells = cells64();
  const int sure = at(cells, 3.5f, 3.5f, 8), large = at(cells, 15.5f, 47.5f, 32), elsewhere = at(cells, 59.5f, 59.5f, 8);
  for (int i : {sure, large, elsewhere}) cells[i].score = 0.8f;
  const std::vector<Unlabelled> left{{{0, 0, 32, 64}, 20}};
  const auto to = assign(cells, {}, {}, left);
  EXPECT_EQ(to[sure], kNothing);
  EXPECT_EQ(to[large], kBackground) << "faces of that size are all labelled";
  EXPECT_EQ(to[elsewhere], kBackground) << "the labels there are complete";
  EXPECT_EQ(to[at(cells, 11.5f, 3.5f, 8)], kBackground) << "it is not sure of anything";
  EXPECT_NE(assign(cells, {cells[sure].box}, {}, left)[sure], kNothing) << "that face is labelled";
}

}  // namespace
}  // namespace fkp
