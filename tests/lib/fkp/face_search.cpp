// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/face_search.h"

#include <gmock/gmock.h>

namespace fkp {
namespace {

using testing::ElementsAre;

class FaceSearch : public testing::Test {
 protected:
  FaceSearch() {
    description_.scheme = scheme("nose-1");
    description_.strides = {32};
  }

  /// Sizes of the inputs that the network gets for a picture of that size.
  std::vector<std::pair<int, int>> searched(int width, int height, int longest) {
    std::vector<std::pair<int, int>> sizes;
    const auto network = [&](const torch::Tensor& input) {
      sizes.emplace_back(input.size(3), input.size(2));
      return std::vector<torch::Tensor>{nothing(input)};
    };
    EXPECT_TRUE(find_faces(network, description_, {cv::Mat(height, width, CV_8UC1, cv::Scalar(0))}, longest, 0.5f, scratch_).empty());
    return sizes;
  }

  static torch::Tensor nothing(const torch::Tensor& input) {
    auto map = torch::zeros({1, 7, input.size(2) / 32, input.size(3) / 32});
    map.select(1, 0).fill_(-9);
    return map;
  }

  DetectorDescription description_;
  SearchScratch scratch_;
};

TEST_F(FaceSearch, LooksOnceWhereTheNetworkFindsFacesOfAnySize) { EXPECT_THAT(searched(1280, 960, 640), ElementsAre(std::pair(640, 480))); }

TEST_F(FaceSearch, LooksAtSmallerCopiesUntilAFaceThatFillsThemIsNotTooLarge) {
  description_.largest_face = 400;
  EXPECT_THAT(searched(1280, 960, 640), ElementsAre(std::pair(640, 480), std::pair(192, 160)));
  EXPECT_THAT(searched(960, 1280, 1280), ElementsAre(std::pair(960, 1280), std::pair(288, 384)));
  EXPECT_THAT(searched(1920, 1920, 1920), ElementsAre(std::pair(1920, 1920), std::pair(576, 576), std::pair(192, 192)));
  EXPECT_THAT(searched(400, 300, 640), ElementsAre(std::pair(416, 320))) << "as it is";
}

TEST_F(FaceSearch, FindsALargeFaceInASmallCopyAndSaysWhereItIsInThePicture) {
  description_.largest_face = 400;
  // In the copy of 192×144 pixels, a face of 100×100 around the middle of the cell in the third row and fourth column.
  const auto network = [&](const torch::Tensor& input) {
    auto map = nothing(input);
    if (input.size(3) == 192) {
      map[0][0][2][3] = 9;
      map[0].slice(0, 3, 5).fill_(std::log(100.f / 32));
    }
    return std::vector<torch::Tensor>{map};
  };
  const auto faces = find_faces(network, description_, {cv::Mat(480, 640, CV_8UC1, cv::Scalar(0))}, 640, 0.5f, scratch_);
  ASSERT_EQ(faces.size(), 1u);
  EXPECT_NEAR(faces[0].box.width, 100 / 0.3, 0.01);
  EXPECT_NEAR(faces[0].box.x + faces[0].box.width / 2, 112 / 0.3 - 0.5, 0.01);
  EXPECT_NEAR(faces[0].box.y + faces[0].box.height / 2, 80 / 0.3 - 0.5, 0.01);
  EXPECT_NEAR(faces[0].points[0].x, 112 / 0.3 - 0.5, 0.01);
}

TEST_F(FaceSearch, CountsAFaceThatBothCopiesShowOnce) {
  description_.largest_face = 400;
  // A face of 160 pixels in the picture, around (160, 160): where four cells meet in one copy, in the middle of a cell in the other.
  const auto network = [&](const torch::Tensor& input) {
    auto map = nothing(input);
    const bool small = input.size(3) == 192;
    map[0][0][small ? 1 : 5][small ? 1 : 5] = small ? 2 : 3;
    map[0].slice(0, 1, 3).fill_(small ? 0 : -0.5f);
    map[0].slice(0, 3, 5).fill_(std::log(160 * (small ? 0.3f : 1) / 32));
    return std::vector<torch::Tensor>{map};
  };
  const auto faces = find_faces(network, description_, {cv::Mat(480, 640, CV_8UC1, cv::Scalar(0))}, 640, 0.5f, scratch_);
  ASSERT_EQ(faces.size(), 1u);
  EXPECT_NEAR(faces[0].score, 1 / (1 + std::exp(-3.f)), 1e-5) << "the surer of both";
}

}  // namespace
}  // namespace fkp
