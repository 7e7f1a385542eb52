// SPDX-License-Identifier: LGPL-2.1-or-later
// bench-steadiness CLIP...: the mean motion of a face's points from frame to frame, in percent of the distance between the outer eye
// corners: for fkpdetect with and without smoothing, and for dlib's shape predictor in the same boxes if dlib was found at configure time.
#ifdef FKP_DLIB_PREDICTOR
#include <dlib/image_processing.h>
#include <dlib/opencv.h>
#endif
#include <gst/fkp/gstfkpmeta.h>
#include <gst/video/video.h>

#include <cmath>
#include <cstdio>
#include <functional>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

namespace {

using Points = std::vector<cv::Point2f>;
constexpr int kRightEye = 36, kLeftEye = 45;  // outer corners, ibug-68

/// Averages the motion of one face over consecutive frames that show it.
class Motion {
 public:
  void add(guint id, const Points& now) {
    if (id == id_ && now.size() == last_.size()) {
      double sum = 0;
      for (std::size_t k = 0; k < now.size(); k++) sum += std::hypot(now[k].x - last_[k].x, now[k].y - last_[k].y);
      const cv::Point2f eyes = now[kLeftEye] - now[kRightEye];
      sum_ += 100 * sum / static_cast<double>(now.size()) / std::hypot(eyes.x, eyes.y);
      frames_++;
    }
    id_ = id;
    last_ = now;
  }
  double mean() const { return frames_ ? sum_ / frames_ : 0; }
  int frames() const { return frames_; }

 private:
  guint id_ = 0;
  Points last_;
  double sum_ = 0;
  int frames_ = 0;
};

using OnFace = std::function<void(const cv::Mat&, const GstFkpFace*)>;

GstPadProbeReturn on_frame(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
  GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  const GstFkpMeta* meta = gst_fkp_buffer_get_meta(buffer);
  if (gst_fkp_meta_get_n_faces(meta) == 0) return GST_PAD_PROBE_OK;
  GstCaps* caps = gst_pad_get_current_caps(pad);
  GstVideoInfo video;
  gst_video_info_from_caps(&video, caps);
  gst_caps_unref(caps);
  GstVideoFrame frame;
  gst_video_frame_map(&frame, &video, buffer, GST_MAP_READ);
  const cv::Mat grey(static_cast<int>(meta->height), static_cast<int>(meta->width), CV_8UC1, GST_VIDEO_FRAME_PLANE_DATA(&frame, 0),
                     static_cast<std::size_t>(GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0)));
  (*static_cast<OnFace*>(data))(grey, gst_fkp_meta_get_face(meta, 0));
  gst_video_frame_unmap(&frame);
  return GST_PAD_PROBE_OK;
}

bool run(const std::string& clip, const std::string& properties, OnFace on_face) {
  GstElement* pipeline = gst_parse_launch(
      ("filesrc name=file ! decodebin ! videoconvert ! video/x-raw,format=GRAY8 ! fkpdetect " + properties + " ! fakesink name=sink")
          .c_str(),
      nullptr);
  GstElement* file = gst_bin_get_by_name(GST_BIN(pipeline), "file");
  g_object_set(file, "location", clip.c_str(), nullptr);
  gst_object_unref(file);
  GstElement* sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
  GstPad* pad = gst_element_get_static_pad(sink, "sink");
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, on_frame, &on_face, nullptr);
  gst_object_unref(pad);
  gst_object_unref(sink);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  GstBus* bus = gst_element_get_bus(pipeline);
  GstMessage* end = gst_bus_timed_pop_filtered(bus, GST_CLOCK_TIME_NONE, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  const bool ok = GST_MESSAGE_TYPE(end) == GST_MESSAGE_EOS;
  gst_message_unref(end);
  gst_object_unref(bus);
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(pipeline);
  return ok;
}

Points points_of(const GstFkpFace* face) {
  Points points;
  for (guint k = 0; k < face->n_points; k++) points.emplace_back(face->points[k].x, face->points[k].y);
  return points;
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
#ifdef FKP_DLIB_PREDICTOR
  dlib::shape_predictor predictor;
  dlib::deserialize(FKP_DLIB_PREDICTOR) >> predictor;
#endif
  std::printf("%-24s %8s %8s %10s %8s\n", "clip", "frames", "none", "one-euro", "dlib");
  for (int i = 1; i < argc; i++) {
    Motion raw, smooth, dlibs;
    const bool ok =
        run(argv[i], "smoothing=none",
            [&](const cv::Mat& grey, const GstFkpFace* face) {
              raw.add(face->id, points_of(face));
#ifdef FKP_DLIB_PREDICTOR
              const dlib::cv_image<unsigned char> picture(grey);
              const dlib::rectangle box(std::lround(face->x), std::lround(face->y), std::lround(face->x + face->width),
                                        std::lround(face->y + face->height));
              const auto shape = predictor(picture, box);
              Points points;
              for (unsigned long k = 0; k < shape.num_parts(); k++)
                points.emplace_back(static_cast<float>(shape.part(k).x()), static_cast<float>(shape.part(k).y()));
              dlibs.add(face->id, points);
#else
                          static_cast<void>(grey);
#endif
            }) &&
        run(argv[i], "smoothing=one-euro", [&](const cv::Mat&, const GstFkpFace* face) { smooth.add(face->id, points_of(face)); });
    if (!ok) {
      std::fprintf(stderr, "%s: cannot be played\n", argv[i]);
      return 1;
    }
    const std::string path = argv[i];
    std::printf("%-24s %8d %8.3f %10.3f", path.substr(path.rfind('/') + 1).c_str(), raw.frames(), raw.mean(), smooth.mean());
    std::printf(dlibs.frames() ? " %8.3f\n" : "        –\n", dlibs.mean());
  }
}
