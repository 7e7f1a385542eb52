// SPDX-License-Identifier: LGPL-2.1-or-later
#include "status.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "programs/counted.h"

namespace fkp {
namespace {

constexpr int kNamed = 3;  // most cameras to name in a status line, to keep it short

std::string trouble(const CameraStatus& c) {
  if (c.failed) return c.name + ": failed";
  if (c.state == Link::State::connecting) return c.name + ": connecting";
  return fmt::format("{}: again in {:.0f} s ({})", c.name, c.retry_in, c.reason);
}

}  // namespace

std::string status_line(const std::vector<CameraStatus>& cameras, double frames_per_second) {
  int playing = 0, named = 0;
  std::uint64_t reconnections = 0, dropped = 0;
  double median = 0, p99 = 0;
  std::string troubles;
  for (const CameraStatus& c : cameras) {
    reconnections += c.reconnections;
    dropped += c.dropped;
    median = std::max(median, c.recent.quantile(0.5));
    p99 = std::max(p99, c.recent.quantile(0.99));
    if (c.state == Link::State::playing && !c.failed)
      playing++;
    else if (named++ < kNamed)
      troubles += "; " + trouble(c);
  }
  if (named > kNamed) troubles += fmt::format("; {} more", named - kNamed);
  return fmt::format("{} of {} playing, {:.1f} frames/s, delay {:.0f} ms (99 %: {:.0f} ms){}; {} dropped, {}", playing,
                     counted(cameras.size(), "camera"), frames_per_second, median * 1000, p99 * 1000, troubles, dropped,
                     counted(reconnections, "reconnection"));
}

std::string summary_line(const CameraStatus& c) {
  std::string text = fmt::format("{}: {} received, {} dropped, {}", c.name, counted(c.received, "frame"), c.dropped,
                                 counted(c.reconnections, "reconnection"));
  if (c.delays.count() > 0)
    text += fmt::format(", delay {:.0f} ms (median), {:.0f} ms (99 %)", c.delays.quantile(0.5) * 1000, c.delays.quantile(0.99) * 1000);
  if (c.camera_delays.count() > 0)
    text +=
        fmt::format(", by its own clock {:.0f} and {:.0f} ms", c.camera_delays.quantile(0.5) * 1000, c.camera_delays.quantile(0.99) * 1000);
  return text;
}

}  // namespace fkp
