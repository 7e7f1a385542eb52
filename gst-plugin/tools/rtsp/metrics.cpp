// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/metric_family.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

namespace fkp {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Cameras = std::vector<CameraStatus>;

constexpr double kBounds[] = {0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10};  // seconds

/// A metric with one number for each camera.
struct Number {
  const char *name, *help;
  MetricType type;
  double (*of)(const CameraStatus&);
};

double detect_count(const CameraStatus& c, const char* name) {
  const auto found = c.detect.find(name);
  return found != c.detect.end() ? found->second : 0;
}

// clang-format off
const Number kNumbers[] = {
    {"fkp_camera_up", "Whether frames come from the camera", MetricType::Gauge,
     [](const CameraStatus& c) { return c.state == Link::State::playing && !c.failed ? 1.0 : 0.0; }},
    {"fkp_camera_failed", "Whether the processing of its frames has failed for good", MetricType::Gauge,
     [](const CameraStatus& c) { return c.failed ? 1.0 : 0.0; }},
    {"fkp_camera_connection_tries_total", "Attempts to connect", MetricType::Counter,
     [](const CameraStatus& c) { return static_cast<double>(c.tries); }},
    {"fkp_camera_reconnections_total", "Times it played again after it had been lost", MetricType::Counter,
     [](const CameraStatus& c) { return static_cast<double>(c.reconnections); }},
    {"fkp_camera_frames_received_total", "Frames that were decoded", MetricType::Counter,
     [](const CameraStatus& c) { return static_cast<double>(c.received); }},
    {"fkp_camera_frames_dropped_total", "Frames dropped because the queue before fkpdetect was full", MetricType::Counter,
     [](const CameraStatus& c) { return static_cast<double>(c.dropped); }},
    {"fkp_camera_frames_total", "Frames that left fkpdetect and fkppublish", MetricType::Counter,
     [](const CameraStatus& c) { return static_cast<double>(c.frames); }},
    {"fkp_camera_frames_skipped_total", "Frames passed on with the last faces, because there was no time to analyse them", MetricType::Counter,
     [](const CameraStatus& c) { return detect_count(c, "skipped"); }},
    {"fkp_camera_inferences_total", "Faces that went through the keypoint network", MetricType::Counter,
     [](const CameraStatus& c) { return detect_count(c, "inferences"); }},
    {"fkp_camera_detections_total", "Frames that were searched for new faces", MetricType::Counter,
     [](const CameraStatus& c) { return detect_count(c, "detections"); }},
    {"fkp_camera_faces_total", "Faces returned, including held ones", MetricType::Counter,
     [](const CameraStatus& c) { return detect_count(c, "faces"); }},
    {"fkp_camera_queue_frames", "Frames that wait for fkpdetect", MetricType::Gauge,
     [](const CameraStatus& c) { return static_cast<double>(c.queued); }},
    {"fkp_camera_viewed", "Whether its annotated stream is being encoded", MetricType::Gauge,
     [](const CameraStatus& c) { return c.viewed ? 1. : 0.; }},
};
// clang-format on

void put(ClientMetric& metric, MetricType type, double value) {
  (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
}

MetricFamily family_of(const Number& number, const Cameras& cameras) {
  MetricFamily family{number.name, number.help, number.type, {}};
  for (const CameraStatus& c : cameras) {
    ClientMetric metric;
    metric.label = {{"camera", c.name}};
    put(metric, number.type, number.of(c));
    family.metric.push_back(std::move(metric));
  }
  return family;
}

MetricFamily histogram(const char* name, const char* help, const Cameras& cameras, Delays CameraStatus::*which) {
  MetricFamily family{name, help, MetricType::Histogram, {}};
  for (const CameraStatus& c : cameras) {
    const Delays& delays = c.*which;
    ClientMetric metric;
    metric.label = {{"camera", c.name}};
    metric.histogram.sample_count = delays.count();
    metric.histogram.sample_sum = delays.sum();
    for (const double bound : kBounds) metric.histogram.bucket.push_back({delays.up_to(bound), bound});
    family.metric.push_back(std::move(metric));
  }
  return family;
}

/// All numbers in fkppublish's stats, by their names there.
MetricFamily publish_stats(const Cameras& cameras) {
  MetricFamily family{"fkp_camera_publish_stats", "The fields of fkppublish's stats", MetricType::Gauge, {}};
  for (const CameraStatus& c : cameras)
    for (const auto& [name, value] : c.publish) {
      ClientMetric metric;
      metric.label = {{"camera", c.name}, {"field", name}};
      metric.gauge.value = value;
      family.metric.push_back(std::move(metric));
    }
  return family;
}

MetricFamily memory() {
  std::ifstream statm("/proc/self/statm");
  double all = 0, resident = 0;
  statm >> all >> resident;
  ClientMetric metric;
  metric.gauge.value = resident * static_cast<double>(sysconf(_SC_PAGESIZE));
  return {"process_resident_memory_bytes", "Resident memory size in bytes", MetricType::Gauge, {metric}};
}

class Collector : public prometheus::Collectable {
 public:
  explicit Collector(std::function<Cameras()> snapshot) : snapshot_(std::move(snapshot)) {}

  std::vector<MetricFamily> Collect() const override {
    const Cameras cameras = snapshot_();
    std::vector<MetricFamily> families;
    for (const Number& number : kNumbers) families.push_back(family_of(number, cameras));
    families.push_back(histogram("fkp_camera_delay_seconds", "From a frame's arrival to its points", cameras, &CameraStatus::delays));
    families.push_back(histogram("fkp_camera_clock_delay_seconds",
                                 "From a frame's time by the camera's clock, if it sends that, to its points", cameras,
                                 &CameraStatus::camera_delays));
    if (MetricFamily stats = publish_stats(cameras); !stats.metric.empty()) families.push_back(std::move(stats));
    families.push_back(memory());
    return families;
  }

 private:
  const std::function<Cameras()> snapshot_;
};

class Endpoint : public Metrics {
 public:
  Endpoint(const std::string& address, std::function<Cameras()> snapshot)
      : collector_(std::make_shared<Collector>(std::move(snapshot))), exposer_(address) {
    exposer_.RegisterCollectable(collector_);
    const std::size_t colon = address.rfind(':');
    address_ = "http://" + (colon == std::string::npos ? "0.0.0.0" : address.substr(0, colon)) + ":" +
               std::to_string(exposer_.GetListeningPorts().at(0)) + "/metrics";
  }
  std::string address() const override { return address_; }

 private:
  std::shared_ptr<Collector> collector_;
  prometheus::Exposer exposer_;
  std::string address_;
};

}  // namespace

std::unique_ptr<Metrics> make_metrics(const std::string& address, std::function<Cameras()> snapshot) {
  try {
    return std::make_unique<Endpoint>(address, std::move(snapshot));
  } catch (const std::exception&) {  // it says no more than "null context"
    throw std::runtime_error("cannot serve metrics at '" + address +
                             "': the address must be one of this machine's, and the port must be free");
  }
}

}  // namespace fkp
