// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "camera_link.h"
#include "delays.h"

namespace fkp {

/// What is known of a camera at a time.
struct CameraStatus {
  std::string name;
  Link::State state = Link::State::waiting;
  bool failed = false;  ///< for good: what takes its frames has failed
  std::string reason;   ///< why it does not play, or did not the last time
  double retry_in = 0;  ///< seconds, of a waiting one
  std::uint64_t tries = 0, reconnections = 0;
  std::uint64_t received = 0;             ///< frames that were decoded
  std::uint64_t dropped = 0;              ///< of them: the queue was full
  std::uint64_t frames = 0;               ///< that went through fkpdetect
  int queued = 0;                         ///< frames before fkpdetect
  int viewers = 0;                        ///< 1 while its annotated stream is being encoded
  Delays delays;                          ///< from a frame's arrival to its points
  Delays recent;                          ///< the same, of the last ten seconds
  Delays camera_delays;                   ///< from the camera's own clock, where it tells that, to its points
  std::map<std::string, double> detect;   ///< fkpdetect's counts: inferences, skipped, …
  std::map<std::string, double> publish;  ///< fkppublish's, where it has some
};

/// One line about all of them, with the delays of the worst one; it names those that do not play.
std::string status_line(const std::vector<CameraStatus>& cameras, double frames_per_second);

/// A line for a camera at the end: what it did.
std::string summary_line(const CameraStatus& camera);

}  // namespace fkp
