// SPDX-License-Identifier: LGPL-2.1-or-later
// bench-live [SECONDS [LOOKS-A-SECOND]]: how old a live source's frames are when they are shown, if fkpdetect can analyse only that many
// frames per second. Prints a line every ten seconds.
#include <gst/fkp/gstfkpmeta.h>
#include <gst/gst.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>

#include "fkp/keypoint_net.h"
#include "support/files.h"
#include "support/models.h"

namespace {

const char* kDescription = R"({"name": "slow", "scheme": "mtfl-5", "input": {"size": 32, "margin": 2.0}})";

/// A network that takes the same time for any picture, that of `products` matrix products.
void write_slow_model(const std::filesystem::path& file, int products) {
  const std::string loop =
      " a = torch.ones([256, 256])\n for i in range(" + std::to_string(products) + "):\n  a = torch.mm(a, a) / 256.0\n";
  fkp::test::write_model(file,
                         loop +
                             " points = torch.tensor([[7.5, 7.5], [23.5, 7.5], [15.5, 15.5], [9.5, 23.5], [21.5, 23.5]])\n"
                             " return points.unsqueeze(0).expand(x.size(0), -1, -1) * a[0, 0], torch.ones([x.size(0)])",
                         kDescription);
}

double seconds_of_a_look(const std::filesystem::path& model) {
  fkp::KeypointNet net({model.string(), "cpu", 1});
  const cv::Mat pixels(64, 64, CV_8UC1, cv::Scalar(255));
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; i++) net.look({pixels}, {{{32, 32}, 64, 0}});
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / 5;
}

struct Seen {
  std::mutex mutex;
  int frames = 0, held = 0;
  double youngest = 1e9, oldest = 0;  // milliseconds
};

void on_shown(GstElement* sink, GstBuffer* buffer, GstPad*, gpointer data) {
  GstClock* clock = gst_element_get_clock(sink);
  const auto age = static_cast<double>(gst_clock_get_time(clock)) - static_cast<double>(gst_element_get_base_time(sink)) -
                   static_cast<double>(GST_BUFFER_PTS(buffer));
  gst_object_unref(clock);
  const GstFkpMeta* meta = gst_fkp_buffer_get_meta(buffer);
  auto* seen = static_cast<Seen*>(data);
  const std::lock_guard lock(seen->mutex);
  seen->frames++;
  seen->held += gst_fkp_meta_get_n_faces(meta) > 0 && gst_fkp_meta_get_face(meta, 0)->held;
  seen->youngest = std::min(seen->youngest, age / GST_MSECOND);
  seen->oldest = std::max(seen->oldest, age / GST_MSECOND);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  const int seconds = argc > 1 ? std::atoi(argv[1]) : 120;
  const double looks = argc > 2 ? std::atof(argv[2]) : 5;
  const fkp::test::TemporaryFolder folder;
  const auto model = folder / "slow.pt";
  write_slow_model(model, 100);
  write_slow_model(model, std::max(1, static_cast<int>(100 / looks / seconds_of_a_look(model))));
  std::printf("a look takes %.0f ms\n", 1000 * seconds_of_a_look(model));

  GstElement* pipeline =
      gst_parse_launch(("videotestsrc is-live=true pattern=white ! video/x-raw,format=GRAY8,width=64,height=64,framerate=30/1 ! "
                        "fkpdetect detector=none device=cpu model=" +
                        model.string() + " ! queue ! fakesink name=sink sync=true signal-handoffs=true")
                           .c_str(),
                       nullptr);
  Seen seen;
  GstElement* sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
  g_signal_connect(sink, "handoff", G_CALLBACK(on_shown), &seen);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  GstBus* bus = gst_element_get_bus(pipeline);
  std::printf("seconds  frames  looks  age when shown, ms\n");
  for (int second = 1; second <= seconds; second++) {
    const gint64 until = g_get_monotonic_time() + G_USEC_PER_SEC;
    for (gint64 left; (left = until - g_get_monotonic_time()) > 0;) {
      GstMessage* message = gst_bus_timed_pop_filtered(bus, static_cast<GstClockTime>(left) * GST_USECOND,
                                                       static_cast<GstMessageType>(GST_MESSAGE_LATENCY | GST_MESSAGE_ERROR));
      if (!message) continue;
      if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        GError* error = nullptr;
        gst_message_parse_error(message, &error, nullptr);
        std::fprintf(stderr, "bench-live: %s\n", error->message);
        return 1;
      }
      gst_bin_recalculate_latency(GST_BIN(pipeline));  // as gst-launch-1.0 and players do
      gst_message_unref(message);
    }
    if (second % 10 != 0) continue;
    const std::lock_guard lock(seen.mutex);
    std::printf("%7d  %6d  %5d  %.0f to %.0f\n", second, seen.frames, seen.frames - seen.held, seen.youngest, seen.oldest);
    std::fflush(stdout);
    seen.frames = seen.held = 0;
    seen.youngest = 1e9;
    seen.oldest = 0;
  }
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(sink);
  gst_object_unref(bus);
  gst_object_unref(pipeline);
}
