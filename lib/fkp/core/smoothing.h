// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "fkp/core/face.h"

namespace fkp {

/// The 1€ filter's parameters (Casiez, Roussel and Vogel, CHI 2012), in units that depend neither on the size of a face nor on the frame
/// rate: a low-pass filter whose cut-off rises with speed, so that points at rest are steady and fast ones do not lag.
struct SmoothingOptions {
  bool on = false;
  float cutoff = 0.5f;  ///< hertz, for a point at rest: lower is steadier
  float beta = 30.0f;   ///< hertz added per face width per second of speed: higher lags less
};

/// Smooths the points of faces over time, each face separately: a face with a new id starts afresh, and so does one that was not seen for
/// more than a second. For one stream.
class Smoother {
 public:
  /// Replaces the points of the faces by smoothed ones, and adjusts the boxes to match. `time`: seconds; if it is missing or does not
  /// increase, the frame counts as one frame interval: the last known one, or a thirtieth of a second. A held face keeps the points it was
  /// last given.
  void smooth(std::vector<Face>& faces, std::optional<double> time, const SmoothingOptions& options);

  /// Forgets everything: what follows is unrelated to what came before.
  void reset();

 private:
  struct Motion {
    cv::Point2f at, seen, velocity;  // as returned and as last seen, pixels; pixels per second
  };
  struct Track {
    std::vector<Motion> points;
    double time = 0;  // when it was last seen, seconds on the smoother's own clock
  };

  double advance(std::optional<double> time);

  std::map<std::uint32_t, Track> tracks_;
  std::optional<double> last_time_;                     // the last known time of a frame
  double clock_then_ = 0;                               // the smoother's own clock at last_time_
  int frames_since_ = 0;                                // frames since last_time_
  static constexpr double kNominalInterval = 1.0 / 30;  // seconds; until two times are known
  double interval_ = kNominalInterval;
  double clock_ = 0;
};

}  // namespace fkp
