// SPDX-License-Identifier: LGPL-2.1-or-later
// Prints the faces of pictures: c++ -std=c++17 faces.cpp -o faces $(pkg-config --cflags --libs fkp opencv4)
// faces portrait.jpg
#include <fkp/analyser.h>
#include <fkp/net_detector.h>

#include <cstdio>
#include <opencv2/imgcodecs.hpp>

int main(int argc, char** argv) {
  const auto net = std::make_shared<fkp::KeypointNet>(fkp::KeypointNetOptions{});
  fkp::Analyser analyser(net, std::make_unique<fkp::NetDetector>(fkp::NetDetectorOptions{}));
  for (int i = 1; i < argc; i++) {
    const cv::Mat picture = cv::imread(argv[i], cv::IMREAD_GRAYSCALE);
    if (picture.empty()) {
      std::fprintf(stderr, "%s: cannot be read\n", argv[i]);
      return 1;
    }
    analyser.reset();
    const auto faces = analyser.analyse({picture}, {}, {});
    std::printf("%s: %zu faces\n", argv[i], faces.size());
    for (const fkp::Face& face : faces)
      for (const fkp::Point& point : face.points) std::printf("%.1f %.1f\n", point.x, point.y);
  }
}
