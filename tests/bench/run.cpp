// SPDX-License-Identifier: LGPL-2.1-or-later
// bench-run [--frames N] PIPELINE: runs a pipeline like gst-launch-1.0, to its end or until its sinks have received N frames
// in total, starting a shorter film over. Prints one line of JSON for tests/bench/compare:
//
//   frames       buffers that arrived at the sinks
//   first_frame  when the first one arrived, seconds of the monotonic clock
//   wall, cpu    seconds from then to the end: wall-clock time, and CPU time of all cores
//   memory       peak resident memory after 100, 1,000 … frames, and at the end, MiB
//   elements     for each element of fkp: the median times that a frame takes through it, milliseconds, over the first 2,000, and its
//                `stats`. "cpu" is that of the whole process: meaningful if nothing else runs meanwhile (no queue, one decoder thread)
#include <gst/gst.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using Json = nlohmann::ordered_json;

double seconds(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}
double now() { return seconds(CLOCK_MONOTONIC); }
double cpu_now() { return seconds(CLOCK_PROCESS_CPUTIME_ID); }

double peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (double kib = 0; word == "VmHWM:" && status >> kib) return kib / 1024;
  return 0;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

constexpr std::size_t kPassages = 2000;  // frames remembered; limited, since memory is measured, too

/// Times of frames from an element's sink pad to its source pad; one frame is inside at a time.
struct Passage {
  GstElement* element;
  double wall_start = 0, cpu_start = 0;
  std::vector<double> wall, cpu;  // milliseconds
};

GstPadProbeReturn enters(GstPad*, GstPadProbeInfo*, gpointer data) {
  auto* passage = static_cast<Passage*>(data);
  passage->wall_start = now();
  passage->cpu_start = cpu_now();
  return GST_PAD_PROBE_OK;
}

GstPadProbeReturn leaves(GstPad*, GstPadProbeInfo*, gpointer data) {
  auto* passage = static_cast<Passage*>(data);
  if (passage->cpu.size() == kPassages) return GST_PAD_PROBE_OK;
  passage->cpu.push_back((cpu_now() - passage->cpu_start) * 1e3);
  passage->wall.push_back((now() - passage->wall_start) * 1e3);
  return GST_PAD_PROBE_OK;
}

class Run {
 public:
  Run(const std::string& description, std::int64_t limit) : limit_(limit) {
    GError* error = nullptr;
    pipeline_ = gst_parse_launch_full(description.c_str(), nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &error);
    if (error) throw std::runtime_error(error->message);
    for_each_element([this](GstElement* element) {
      const GstElementFactory* factory = gst_element_get_factory(element);
      const std::string name = factory ? GST_OBJECT_NAME(factory) : "";
      if (GST_OBJECT_FLAG_IS_SET(element, GST_ELEMENT_FLAG_SINK)) add_probe(element, "sink", arrives, this);
      if (name.rfind("fkp", 0) != 0) return;
      passages_.push_back(std::make_unique<Passage>(Passage{element, 0, 0, {}, {}}));
      add_probe(element, "sink", enters, passages_.back().get());
      add_probe(element, "src", leaves, passages_.back().get());
    });
  }
  ~Run() {
    gst_element_set_state(pipeline_, GST_STATE_NULL);
    gst_object_unref(pipeline_);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  Json to_end() {
    gst_element_set_state(pipeline_, GST_STATE_PLAYING);
    GstBus* bus = gst_element_get_bus(pipeline_);
    const auto wanted = static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_APPLICATION);
    for (bool ended = false; !ended;) {
      GstMessage* message = gst_bus_timed_pop_filtered(bus, GST_CLOCK_TIME_NONE, wanted);
      if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) fail(message);
      ended = GST_MESSAGE_TYPE(message) == GST_MESSAGE_APPLICATION || frames_ >= limit_;
      gst_message_unref(message);
      if (!ended && !gst_element_seek_simple(pipeline_, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, 0))
        throw std::runtime_error("the film cannot be started over");
    }
    gst_object_unref(bus);
    return result();
  }

 private:
  template <class Visit>
  void for_each_element(Visit visit) {
    GstIterator* elements = gst_bin_iterate_recurse(GST_BIN(pipeline_));
    GValue item = G_VALUE_INIT;
    while (gst_iterator_next(elements, &item) == GST_ITERATOR_OK) {
      visit(GST_ELEMENT(g_value_get_object(&item)));
      g_value_reset(&item);
    }
    g_value_unset(&item);
    gst_iterator_free(elements);
  }

  static void add_probe(GstElement* element, const char* name, GstPadProbeCallback probe, gpointer data) {
    GstPad* pad = gst_element_get_static_pad(element, name);
    if (!pad) return;
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, probe, data, nullptr);
    gst_object_unref(pad);
  }

  static GstPadProbeReturn arrives(GstPad*, GstPadProbeInfo*, gpointer data) {
    static_cast<Run*>(data)->arrived();
    return GST_PAD_PROBE_OK;
  }

  void arrived() {
    const std::lock_guard lock(mutex_);
    const std::int64_t n = ++frames_;
    if (n == 1) first_ = now(), first_cpu_ = cpu_now();
    if (n == mark_) memory_[std::to_string(mark_)] = peak_memory(), mark_ *= 10;
    if (n != limit_) return;
    ended();
    gst_element_post_message(pipeline_, gst_message_new_application(GST_OBJECT(pipeline_), gst_structure_new_empty("enough")));
  }

  void ended() { last_ = now(), last_cpu_ = cpu_now(); }

  [[noreturn]] static void fail(GstMessage* message) {
    GError* error = nullptr;
    gst_message_parse_error(message, &error, nullptr);
    throw std::runtime_error(std::string(GST_OBJECT_NAME(GST_MESSAGE_SRC(message))) + ": " + error->message);
  }

  static gboolean add_field(GQuark field, const GValue* value, gpointer data) {
    auto& json = *static_cast<Json*>(data);
    if (G_VALUE_HOLDS_DOUBLE(value)) json[g_quark_to_string(field)] = g_value_get_double(value);
    if (G_VALUE_HOLDS_UINT64(value)) json[g_quark_to_string(field)] = g_value_get_uint64(value);
    return TRUE;
  }

  Json result() {
    const std::lock_guard lock(mutex_);
    if (frames_ == 0) throw std::runtime_error("no frame came to a sink");
    if (last_ == 0) ended();
    memory_["end"] = peak_memory();
    Json elements = Json::object();
    for (const auto& p : passages_) {
      Json json{{"wall", median(p->wall)}, {"cpu", median(p->cpu)}};
      if (g_object_class_find_property(G_OBJECT_GET_CLASS(p->element), "stats")) {
        GstStructure* stats = nullptr;
        g_object_get(p->element, "stats", &stats, nullptr);
        gst_structure_foreach(stats, add_field, &json["stats"]);
        gst_structure_free(stats);
      }
      elements[GST_OBJECT_NAME(p->element)] = std::move(json);
    }
    return {{"frames", frames_.load()},      {"first_frame", first_}, {"wall", last_ - first_},
            {"cpu", last_cpu_ - first_cpu_}, {"memory", memory_},     {"elements", elements}};
  }

  GstElement* pipeline_ = nullptr;
  const std::int64_t limit_;  // 0: to the film's end
  std::vector<std::unique_ptr<Passage>> passages_;
  std::mutex mutex_;
  std::atomic<std::int64_t> frames_{0};
  std::int64_t mark_ = 100;
  Json memory_ = Json::object();
  double first_ = 0, first_cpu_ = 0, last_ = 0, last_cpu_ = 0;
};

}  // namespace

int main(int argc, char** argv) try {
  gst_init(&argc, &argv);
  std::int64_t limit = 0;
  std::string description;
  for (int i = 1; i < argc; i++) {
    if (std::string(argv[i]) == "--frames" && i + 1 < argc)
      limit = std::stoll(argv[++i]);
    else
      description += std::string(argv[i]) + " ";
  }
  if (description.empty()) throw std::runtime_error("usage: bench-run [--frames N] PIPELINE");
  std::puts(Run(description, limit).to_end().dump().c_str());
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench-run: %s\n", e.what());
  return 1;
}
