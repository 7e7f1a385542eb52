// SPDX-License-Identifier: LGPL-2.1-or-later
// Compares dlib's shape predictor with ours, alternating face by face, both on the same core. Both get the whole grey picture and the
// square around the annotated points, so that cutting the face out counts.
//
//   build/tests/bench/bench-face --model models/fkp68.pt --data ibug:300w/helen/testset
#include <dlib/image_processing.h>
#include <dlib/opencv.h>
#include <sched.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <functional>
#include <nlohmann/json.hpp>
#include <vector>

#include "fkp/keypoint_net.h"
#include "measure/metrics.h"
#include "readers/readers.h"

namespace {

constexpr int kWarmUps = 20;  // faces

struct Predictor {
  const char* name;
  std::function<fkp::Points(const fkp::Sample&, const cv::Rect2f& box)> find;
  std::vector<double> errors{}, wall{}, cpu{};  // percent, milliseconds
};

double milliseconds(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
}

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
}

/// Threads that start later inherit it, including those of the network.
void stay_on_one_core() {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  if (sched_setaffinity(0, sizeof one, &one) != 0) std::perror("bench-face: not bound to one core");
}

void measure(Predictor& p, const fkp::Sample& face, const fkp::Scheme& scheme) {
  const cv::Rect2f box = fkp::face_box(face.points);
  const double wall = milliseconds(CLOCK_MONOTONIC), cpu = milliseconds(CLOCK_PROCESS_CPUTIME_ID);
  const fkp::Points found = p.find(face, box);
  p.cpu.push_back(milliseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu);
  p.wall.push_back(milliseconds(CLOCK_MONOTONIC) - wall);
  p.errors.push_back(fkp::nme(found, face.points, scheme));
}

fkp::Points of_dlib(const dlib::full_object_detection& shape) {
  fkp::Points points;
  for (unsigned long k = 0; k < shape.num_parts(); k++)
    points.push_back({static_cast<float>(shape.part(k).x()), static_cast<float>(shape.part(k).y())});
  return points;
}

}  // namespace

int main(int argc, char** argv) try {
  stay_on_one_core();
  fkp::KeypointNetOptions options;
  options.device = "cpu";
  std::string source, dlib_file = FKP_DLIB_PREDICTOR;
  bool json = false;
  CLI::App app("bench-face measures dlib's 68-point shape predictor and a network of fkp on the same faces, on one core");
  app.add_option("--model", options.model, "file, or name in FKP_MODEL_PATH")->capture_default_str();
  app.add_option("--precision", options.precision, "fp32, bf16 or auto")->capture_default_str();
  app.add_option("--data", source, "faces of 68 points: ibug:FOLDER or csv:FILE")->required();
  app.add_option("--dlib", dlib_file, "dlib's model")->capture_default_str();
  app.add_flag("--json", json, "print one JSON object");
  CLI11_PARSE(app, argc, argv);

  fkp::KeypointNet net(options);
  dlib::shape_predictor shapes;
  dlib::deserialize(dlib_file) >> shapes;
  const fkp::Scheme& scheme = net.description().scheme;
  if (scheme.size() != 68) throw std::runtime_error(options.model + " is no network of 68 points");
  const auto faces = fkp::read_dataset(source, ".", scheme).samples;

  Predictor peer{"dlib", [&](const fkp::Sample& face, const cv::Rect2f& b) {
                   const dlib::rectangle box(std::lround(b.x), std::lround(b.y), std::lround(b.x + b.width), std::lround(b.y + b.height));
                   return of_dlib(shapes(dlib::cv_image<unsigned char>(face.grey), box));
                 }};
  Predictor ours{"fkp", [&](const fkp::Sample& face, const cv::Rect2f& box) {
                   return net.look({face.grey}, {fkp::region_of(box, net.description().crop.margin)})[0].points;
                 }};
  for (std::size_t i = 0; i < kWarmUps; i++)
    for (Predictor* p : {&peer, &ours}) p->find(faces[i % faces.size()], fkp::face_box(faces[i % faces.size()].points));
  for (const fkp::Sample& face : faces)
    for (Predictor* p : {&peer, &ours}) measure(*p, face, scheme);

  std::vector<double> ratios;
  for (std::size_t i = 0; i < faces.size(); i++) ratios.push_back(ours.cpu[i] / peer.cpu[i]);
  nlohmann::ordered_json out{{"faces", faces.size()}};
  for (const Predictor* p : {&peer, &ours}) {
    const fkp::Summary s = fkp::summarise(p->errors);
    out[p->name] = {
        {"wall_ms", quantile(p->wall, 0.5)}, {"cpu_ms", quantile(p->cpu, 0.5)}, {"nme", s.mean}, {"median", s.median}, {"fr8", s.fr8}};
    if (!json)
      std::printf("%-5s %6.3f ms a face, %6.3f ms of processor time (medians); NME %.2f %% mean, %.2f %% median, above 8 %%: %.1f %%\n",
                  p->name, quantile(p->wall, 0.5), quantile(p->cpu, 0.5), s.mean, s.median, s.fr8);
  }
  out["ratio"] = {{"median", quantile(ratios, 0.5)}, {"p10", quantile(ratios, 0.1)}, {"p90", quantile(ratios, 0.9)}};
  if (json)
    std::puts(out.dump().c_str());
  else
    std::printf("fkp over dlib, processor time, face by face: %.2f (a tenth below %.2f, a tenth above %.2f), %zu faces\n",
                quantile(ratios, 0.5), quantile(ratios, 0.1), quantile(ratios, 0.9), faces.size());
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench-face: %s\n", e.what());
  return 1;
}
