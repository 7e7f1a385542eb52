// SPDX-License-Identifier: LGPL-2.1-or-later
// Built in place of haar_detector.cpp if OpenCV's objdetect is missing (meson option haar).
#include "fkp/core/error.h"
#include "fkp/detector.h"

namespace fkp {

std::unique_ptr<Detector> make_haar_detector() {
  throw Error(ErrorKind::settings, "OpenCV's Haar cascade is not in this build of fkp; take the network, or build with -Dhaar=enabled");
}

}  // namespace fkp
