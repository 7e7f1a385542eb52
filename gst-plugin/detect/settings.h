// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>

#include <string>

#include "fkp/analyser.h"
#include "fkp/keypoint_net.h"
#include "fkp/net_detector.h"
#include "properties.h"

namespace fkp {

/// Whether frames may pass without analysis when there is no time to analyse them all.
enum class Mode { automatic, live, offline };

/// What finds new faces.
enum class DetectorKind { net, haar, roi, none };

/// The properties of fkpdetect.
struct DetectSettings {
  DetectSettings() { net.precision = "auto"; }  // a quarter faster, with the same mean error

  KeypointNetOptions net;
  std::string model_instance_id;
  DetectorKind detector = DetectorKind::net;
  std::string detector_model = NetDetectorOptions().model;
  int detect_size = 0;
  std::string roi_type;
  AnalyserOptions analysis;
  Mode mode = Mode::automatic;
  bool post_messages = false;
};

const Properties<DetectSettings>& detect_properties();

}  // namespace fkp
