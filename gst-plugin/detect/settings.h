// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>

#include <string>

#include "fkp/analyser.h"
#include "fkp/keypoint_net.h"
#include "fkp/net_detector.h"

namespace fkp {

/// Whether frames may go without a look when there is no time for all.
enum class Mode { automatic, live, offline };

/// Who finds new faces.
enum class DetectorKind { net, haar, roi, none };

/// What the properties of fkpdetect say.
struct Settings {
  Settings() { net.precision = "auto"; }  // frames are many: a quarter quicker, with the same mean error

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

/// Installs the properties of Settings under the ids from 1 on; returns the next free id.
guint install_settings(GObjectClass* klass);

/// Sets or reads the property with that id. False where there is none.
bool set_setting(Settings& settings, guint id, const GValue* value);
bool get_setting(const Settings& settings, guint id, GValue* value);

}  // namespace fkp
