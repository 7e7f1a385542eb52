// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "address.h"
#include "property_values.h"

namespace fkp {

enum class Transport { tcp, udp, automatic };

struct CameraConfig {
  std::string name;
  std::string where;  ///< FILE:LINE
  Address address;
  Transport transport = Transport::tcp;
  std::chrono::milliseconds latency{200};    ///< how long rtspsrc waits for late packets
  std::chrono::milliseconds timeout{10000};  ///< time without a frame after which the camera counts as lost
  bool verify_tls = true;
  bool serve = false;
  bool published = false;  ///< whether there is a [publish] table for it
  PropertyValues detect, publish;
};

/// When a lost camera is tried again: after `first`, then after twice as long each time, up to `longest`.
struct RetryConfig {
  std::chrono::milliseconds first{1000}, longest{30000};
};

/// The annotated streams that are served.
struct ServeConfig {
  std::string address = "127.0.0.1";
  int port = 8554;  ///< 0: any
  std::string user, password;
  std::chrono::milliseconds timeout{60000};  ///< time without a sign of life after which a viewer counts as gone
  int bitrate = 2000;                        ///< kbit/s
  PropertyValues overlay;
};

struct Config {
  std::string metrics;  ///< ADDRESS:PORT, or empty
  RetryConfig retry;
  ServeConfig serve;
  std::vector<CameraConfig> cameras;
};

/// A message about a camera: "FILE:LINE: camera 'NAME': WHAT".
std::string about(const CameraConfig& camera, const std::string& what);

/// Reads the file (docs/rtsp.md). Throws Error, which names the file and the line and never quotes a password or a URI.
Config read_config(const std::filesystem::path& file);

}  // namespace fkp
