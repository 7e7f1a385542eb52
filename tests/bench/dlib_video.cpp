// SPDX-License-Identifier: LGPL-2.1-or-later
// bench-dlib-video PREDICTOR FILM FRAMES SMALLEST: dlib's frontal face detector and shape predictor on every frame (FRAMES 0: all).
// SMALLEST is 80 for the frame as it is, like dlib's example for cameras, or 40 for the frame at twice its size, like the example for
// pictures. The frames come from the decoder that the other cases of tests/bench/compare use. Prints a line of JSON like bench-run.
#include <dlib/image_processing.h>
#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/image_transforms.h>
#include <gst/app/gstappsink.h>
#include <gst/video/video.h>

#include <cstdio>
#include <cstring>
#include <ctime>
#include <stdexcept>
#include <string>

namespace {

using Grey = dlib::array2d<unsigned char>;

double seconds(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

void copy(GstSample* sample, Grey& grey) {
  GstVideoInfo info;
  GstVideoFrame frame;
  if (!gst_video_info_from_caps(&info, gst_sample_get_caps(sample)) ||
      !gst_video_frame_map(&frame, &info, gst_sample_get_buffer(sample), GST_MAP_READ))
    throw std::runtime_error("a frame cannot be read");
  grey.set_size(info.height, info.width);
  const auto* row = static_cast<const unsigned char*>(GST_VIDEO_FRAME_PLANE_DATA(&frame, 0));
  for (int y = 0; y < info.height; y++, row += GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0))
    std::memcpy(&grey[y][0], row, static_cast<std::size_t>(info.width));
  gst_video_frame_unmap(&frame);
}

}  // namespace

int main(int argc, char** argv) try {
  gst_init(&argc, &argv);
  if (argc != 5) throw std::runtime_error("usage: bench-dlib-video PREDICTOR FILM FRAMES SMALLEST");
  const long most = std::stol(argv[3]);
  const bool enlarge = std::stol(argv[4]) < 80;
  dlib::frontal_face_detector detector = dlib::get_frontal_face_detector();
  dlib::shape_predictor predictor;
  dlib::deserialize(argv[1]) >> predictor;

  GError* error = nullptr;
  GstElement* pipeline = gst_parse_launch(
      "filesrc name=film ! decodebin ! videoconvert ! video/x-raw,format=GRAY8 ! appsink name=frames sync=false max-buffers=4", &error);
  if (error) throw std::runtime_error(error->message);
  GstElement* film = gst_bin_get_by_name(GST_BIN(pipeline), "film");
  GstElement* frames = gst_bin_get_by_name(GST_BIN(pipeline), "frames");
  g_object_set(film, "location", argv[2], nullptr);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);

  Grey grey;
  long n = 0, faces = 0;
  double first = 0, first_cpu = 0;
  while (most == 0 || n < most) {
    GstSample* sample = gst_app_sink_pull_sample(GST_APP_SINK(frames));
    if (!sample) break;
    copy(sample, grey);
    gst_sample_unref(sample);
    if (enlarge) dlib::pyramid_up(grey);
    for (const dlib::rectangle& box : detector(grey)) faces += predictor(grey, box).num_parts() > 0;
    if (n++ == 0) first = seconds(CLOCK_MONOTONIC), first_cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
  }
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(frames);
  gst_object_unref(film);
  gst_object_unref(pipeline);
  if (n == 0) throw std::runtime_error(std::string("no frame came from ") + argv[2]);
  std::printf("{\"frames\": %ld, \"faces\": %ld, \"first_frame\": %f, \"wall\": %f, \"cpu\": %f}\n", n, faces, first,
              seconds(CLOCK_MONOTONIC) - first, seconds(CLOCK_PROCESS_CPUTIME_ID) - first_cpu);
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench-dlib-video: %s\n", e.what());
  return 1;
}
