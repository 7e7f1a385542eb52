// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "camera_link.h"
#include "delays.h"

namespace fkp {

/// A snapshot of a camera's state.
struct CameraStatus {
  std::string name;
  Link::State state = Link::State::waiting;
  bool failed = false;  ///< for good: the processing of its frames has failed
  std::string reason;   ///< why it is not playing, or was not the last time
  double retry_in = 0;  ///< seconds, while it is waiting
  std::uint64_t tries = 0, reconnections = 0;
  std::uint64_t received = 0;             ///< frames that were decoded
  std::uint64_t dropped = 0;              ///< of these, because the queue was full
  std::uint64_t frames = 0;               ///< that went through fkpdetect
  int queued = 0;                         ///< frames waiting for fkpdetect
  bool viewed = false;                    ///< whether its annotated stream is being encoded
  Delays delays;                          ///< from a frame's arrival to its points
  Delays recent;                          ///< the same, for the last ten seconds
  Delays camera_delays;                   ///< from a frame's time by the camera's own clock, if it sends that, to its points
  std::map<std::string, double> detect;   ///< fkpdetect's counts: inferences, skipped, …
  std::map<std::string, double> publish;  ///< fkppublish's, if it is used
};

/// One line about all cameras, with the delays of the worst one; names those that are not playing.
std::string status_line(const std::vector<CameraStatus>& cameras, double frames_per_second);

/// One line about a camera at the end: what it did.
std::string summary_line(const CameraStatus& camera);

}  // namespace fkp
