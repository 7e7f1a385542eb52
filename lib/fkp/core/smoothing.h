// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "fkp/core/face.h"

namespace fkp {

/// The 1€ filter's parameters (Casiez, Roussel and Vogel, CHI 2012), in units that depend neither on the size of a face nor
/// on the frame rate: a low-pass filter whose cut-off rises with speed, so that a still point is calm and a fast one does
/// not lag.
struct SmoothingOptions {
  bool on = false;
  float cutoff = 0.5f;  ///< hertz, of a point at rest: lower is calmer
  float beta = 30.0f;   ///< hertz more for each face width a second: higher lags less
};

/// Smooths the points of faces over time, each face by itself: a face with a new id starts afresh, and so does one that was
/// not seen for a second. For one stream.
class Smoother {
 public:
  /// Replaces the points of the faces (and moves their boxes along) by smoothed ones. `time`: seconds; without it, or where
  /// it does not rise, the frame counts as one of the last known frame interval, or of a thirtieth of a second. A held face
  /// keeps the points that it showed last.
  void smooth(std::vector<Face>& faces, std::optional<double> time, const SmoothingOptions& options);

  /// Forgets all: what follows has nothing to do with what was.
  void reset();

 private:
  struct Motion {
    cv::Point2f at, seen, velocity;  // as put out and as last seen, pixels; pixels a second
  };
  struct Track {
    std::vector<Motion> points;
    double time = 0;  // of its last fresh look, seconds on the smoother's own clock
  };

  double advance(std::optional<double> time);

  std::map<std::uint32_t, Track> tracks_;
  std::optional<double> last_time_;  // the last one that was known …
  double clock_then_ = 0;            // … the smoother's own clock at it …
  int frames_since_ = 0;             // … and the frames from there on
  double interval_ = 1.0 / 30;
  double clock_ = 0;
};

}  // namespace fkp
