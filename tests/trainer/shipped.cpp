// SPDX-License-Identifier: LGPL-2.1-or-later
// The shipped models, on real faces.
#include <gtest/gtest.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "data/box_looks.h"
#include "data/scenes.h"
#include "fkp/core/geometry.h"
#include "measure/evaluate.h"
#include "measure/evaluate_faces.h"
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
  EXPECT_LE(helen.mean, 3.3);
  const Summary youtube = shipped_on("csv:youtube-faces/test_frames_keypoints.csv").summary;
  EXPECT_EQ(youtube.faces, 770);
  EXPECT_LE(youtube.mean, 4.7);
}

TEST(ShippedModel, TakesMaskedFacesForFaces) {
  NEEDS_DATA();
  KeypointNet net({"fkp68", "cpu", 1});
  int faces = 0, kept = 0;
  for (const Picture& picture : read_faces("wider:facemask/bbx_gt.txt", test::data_folder(), 8).pictures)  // the ones it was not trained on
    for (const BoxLook& face : look_at_boxes(net, picture)) {
      faces++;
      kept += face.look.shows_face(TrackRules().face_threshold);
    }
  EXPECT_EQ(faces, 249);
  EXPECT_GE(kept, faces * 85 / 100);
}

DetectionSummary detector_on(const std::string& source) {
  NetDetector detector({"fkpface", "cpu", 1, 0});
  return detection_summary(evaluate(detector, read_faces(source, test::data_folder(), 5).pictures).results);
}

TEST(ShippedDetector, IsAsGoodAsItsCardSays) {
  NEEDS_DATA();
  EXPECT_GE(detector_on("wider:faces/bbx_gt.txt").ap, 0.91);
  EXPECT_GE(detector_on("wider:facemask/bbx_gt.txt").ap, 0.85);
}

/// A frame with the face in its middle, its box scaled to a size of `size` pixels.
cv::Mat close_up(const Sample& face, const cv::Rect2f& box, float size, cv::Point2f middle) {
  const float k = size / size_of(box);
  const cv::Matx23f map{k, 0, middle.x - k * (box.x + box.width / 2), 0, k, middle.y - k * (box.y + box.height / 2)};
  cv::Mat frame;
  cv::warpAffine(face.grey, frame, map, cv::Size(middle * 2) + cv::Size(1, 1), cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  return frame;
}

TEST(ShippedDetector, FindsAFaceThatFillsThePicture) {
  NEEDS_DATA();
  const Dataset data = read_dataset("ibug:300w/helen/testset", test::data_folder(), scheme("ibug-68"));
  for (const int width : {640, 1280}) {
    NetDetector detector({"fkpface", "cpu", 1, width});
    const cv::Point2f middle(static_cast<float>(width - 1) / 2, static_cast<float>(width * 3 / 4 - 1) / 2);
    for (const float share : {0.25f, 0.4f, 0.5f, 0.6f, 0.7f, 0.75f}) {
      int faces = 0, found = 0;
      for (std::size_t i = 0; i < data.samples.size(); i += 5) {
        const cv::Rect2f box = detector_box(data.samples[i].points);
        const float size = share * static_cast<float>(width);
        const auto boxes = detector.find({close_up(data.samples[i], box, size, middle)}, 0.5f);
        const float w = size * box.width / size_of(box), h = size * box.height / size_of(box);
        faces++;
        const cv::Rect2f truth(middle.x - w / 2, middle.y - h / 2, w, h);
        found += std::any_of(boxes.begin(), boxes.end(), [&](const FoundFace& f) { return iou(f.box, truth) >= 0.5f; });
      }
      EXPECT_GE(found, faces * 98 / 100) << "of " << faces << " faces of " << share << " of a picture of " << width << " pixels";
    }
  }
}

}  // namespace
}  // namespace fkp
