// SPDX-License-Identifier: LGPL-2.1-or-later
// A camera for the tests: serves a short film in a loop at rtsp://127.0.0.1:PORT/cam, encoded once at startup. Prints the URI when it is
// ready. SIGUSR1 switches to the next --size, SIGSTOP makes it hang, SIGKILL is like a power failure.
#include <glib-unix.h>
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/rtsp-server/rtsp-server.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

struct Codec {
  const char *encoder, *caps, *payloader;
};

const std::map<std::string, Codec> kCodecs{
    {"H264",
     {"x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10 threads=1", "video/x-h264,stream-format=byte-stream,alignment=au",
      "rtph264pay config-interval=-1"}},
    {"H265",
     {"x265enc tune=zerolatency speed-preset=ultrafast key-int-max=10 log-level=error ! h265parse",
      "video/x-h265,stream-format=byte-stream,alignment=au", "rtph265pay config-interval=-1"}},
    {"JPEG", {"jpegenc", "image/jpeg", "rtpjpegpay"}},
};

struct Options {
  int port = 0, rate = 10, frames = 50, bitrate = 0;
  std::string codec = "H264", claim, user, password, film;
  std::vector<std::string> sizes{"320x240"};
  bool silent = false;
};

/// A film, encoded.
struct Clip {
  GstCaps* caps = nullptr;
  std::vector<GstBuffer*> frames;
};

Clip encode(const Options& options, const std::string& size) {
  const Codec& codec = kCodecs.at(options.codec);
  const std::string source = options.film.empty()
                                 ? "videotestsrc pattern=ball num-buffers=" + std::to_string(options.frames)
                                 : "filesrc location=\"" + options.film + "\" ! decodebin ! videoconvert ! videoscale ! videorate";
  const std::size_t x = size.find('x');
  const std::string text = source + " ! video/x-raw,format=I420,width=" + size.substr(0, x) + ",height=" + size.substr(x + 1) +
                           ",pixel-aspect-ratio=1/1,framerate=" + std::to_string(options.rate) +
                           "/1 ! identity eos-after=" + std::to_string(options.frames + 1) + " ! " + codec.encoder +
                           (options.bitrate > 0 ? " bitrate=" + std::to_string(options.bitrate) : "") + " ! " + codec.caps +
                           " ! appsink name=out sync=false";
  GError* error = nullptr;
  GstElement* pipeline = gst_parse_launch(text.c_str(), &error);
  if (error) throw std::runtime_error(error->message);
  GstElement* out = gst_bin_get_by_name(GST_BIN(pipeline), "out");
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  Clip clip;
  while (GstSample* sample = gst_app_sink_pull_sample(GST_APP_SINK(out))) {
    gst_caps_replace(&clip.caps, gst_sample_get_caps(sample));
    GstBuffer* frame = gst_buffer_copy(gst_sample_get_buffer(sample));
    GST_BUFFER_PTS(frame) = GST_BUFFER_DTS(frame) = GST_CLOCK_TIME_NONE;  // set when it is sent
    clip.frames.push_back(frame);
    gst_sample_unref(sample);
  }
  gst_element_set_state(pipeline, GST_STATE_NULL);
  if (clip.frames.empty()) throw std::runtime_error("cannot encode: " + text);
  return clip;
}

class Camera {
 public:
  explicit Camera(const Options& options) : options_(options), server_(gst_rtsp_server_new()) {
    for (const std::string& size : options.sizes) clips_.push_back(encode(options, size));
    gst_rtsp_server_set_address(server_, "127.0.0.1");
    gst_rtsp_server_set_service(server_, std::to_string(options.port).c_str());
    GstRTSPMediaFactory* factory = gst_rtsp_media_factory_new();
    const std::string text = "( appsrc name=in is-live=true format=time do-timestamp=true max-buffers=50 leaky-type=downstream ! " +
                             std::string(kCodecs.at(options.codec).payloader) + " name=pay0 )";
    gst_rtsp_media_factory_set_launch(factory, text.c_str());
    gst_rtsp_media_factory_set_shared(factory, TRUE);
    g_signal_connect(factory, "media-configure", G_CALLBACK(on_media), this);
    if (!options.user.empty()) lock(factory);
    GstRTSPMountPoints* mounts = gst_rtsp_server_get_mount_points(server_);
    gst_rtsp_mount_points_add_factory(mounts, "/cam", factory);
    g_object_unref(mounts);
    if (gst_rtsp_server_attach(server_, nullptr) == 0) throw std::runtime_error("the port is in use");
    std::printf("rtsp://127.0.0.1:%d/cam\n", gst_rtsp_server_get_bound_port(server_));
    std::fflush(stdout);
    if (!options.silent) std::thread([this] { send(); }).detach();  // the process ends by a signal
  }

  void next_size() { clip_ = (clip_ + 1) % clips_.size(); }

 private:
  void lock(GstRTSPMediaFactory* factory) {
    gst_rtsp_media_factory_add_role(factory, "viewer", GST_RTSP_PERM_MEDIA_FACTORY_ACCESS, G_TYPE_BOOLEAN, TRUE,
                                    GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, G_TYPE_BOOLEAN, TRUE, nullptr);
    GstRTSPAuth* auth = gst_rtsp_auth_new();
    GstRTSPToken* token = gst_rtsp_token_new(GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE, G_TYPE_STRING, "viewer", nullptr);
    gst_rtsp_auth_set_supported_methods(auth, GST_RTSP_AUTH_DIGEST);
    gst_rtsp_auth_add_digest(auth, options_.user.c_str(), options_.password.c_str(), token);
    gst_rtsp_token_unref(token);
    gst_rtsp_server_set_auth(server_, auth);
    g_object_unref(auth);
  }

  static void on_media(GstRTSPMediaFactory*, GstRTSPMedia* media, gpointer data) {
    auto* self = static_cast<Camera*>(data);
    GstElement* bin = gst_rtsp_media_get_element(media);
    GstElement* in = gst_bin_get_by_name(GST_BIN(bin), "in");
    if (!self->options_.claim.empty()) self->lie(bin);
    const std::lock_guard lock(self->mutex_);
    if (self->appsrc_) gst_object_unref(self->appsrc_);
    self->appsrc_ = in;
    self->position_ = 0;  // begins with a key frame
    gst_object_unref(bin);
  }

  /// Announces another encoding than it sends.
  void lie(GstElement* bin) {
    GstElement* payloader = gst_bin_get_by_name(GST_BIN(bin), "pay0");
    GstPad* pad = gst_element_get_static_pad(payloader, "src");
    gst_pad_add_probe(
        pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
        [](GstPad*, GstPadProbeInfo* info, gpointer claim) {
          if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) != GST_EVENT_CAPS) return GST_PAD_PROBE_OK;
          GstCaps* caps = nullptr;
          gst_event_parse_caps(GST_PAD_PROBE_INFO_EVENT(info), &caps);
          GstCaps* other = gst_caps_copy(caps);
          gst_caps_set_simple(other, "encoding-name", G_TYPE_STRING, static_cast<const char*>(claim), nullptr);
          gst_event_unref(GST_PAD_PROBE_INFO_EVENT(info));
          info->data = gst_event_new_caps(other);
          gst_caps_unref(other);
          return GST_PAD_PROBE_OK;
        },
        g_strdup(options_.claim.c_str()), g_free);
    gst_object_unref(pad);
    gst_object_unref(payloader);
  }

  [[noreturn]] void send() {
    auto next = std::chrono::steady_clock::now();
    for (;;) {
      std::this_thread::sleep_until(next += std::chrono::nanoseconds(1000000000 / options_.rate));
      const std::lock_guard lock(mutex_);
      if (!appsrc_ || GST_STATE(appsrc_) != GST_STATE_PLAYING) continue;  // any earlier, its timestamps would be wrong
      const Clip& clip = clips_[clip_];
      GstSample* sample = gst_sample_new(clip.frames[position_++ % clip.frames.size()], clip.caps, nullptr, nullptr);
      gst_app_src_push_sample(GST_APP_SRC(appsrc_), sample);
      gst_sample_unref(sample);
    }
  }

  const Options options_;
  std::vector<Clip> clips_;
  GstRTSPServer* server_;
  std::atomic<std::size_t> clip_{0};
  std::mutex mutex_;
  GstElement* appsrc_ = nullptr;
  std::size_t position_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("A camera of the tests.");
  app.add_option("--port", options.port, "0: any that is free");
  app.add_option("--codec", options.codec, "H264, H265 or JPEG");
  app.add_option("--claim", options.claim, "the encoding that it says to send instead");
  app.add_option("--size", options.sizes, "WIDTHxHEIGHT; several: SIGUSR1 goes on to the next");
  app.add_option("--rate", options.rate, "frames a second");
  app.add_option("--frames", options.frames, "of the film, before it begins again");
  app.add_option("--bitrate", options.bitrate, "kbit/s, of H264");
  app.add_option("--film", options.film, "file to serve (default: a ball)");
  app.add_option("--user", options.user, "who may see it");
  app.add_option("--password", options.password, "his password");
  app.add_flag("--silent", options.silent, "sends no frame");
  CLI11_PARSE(app, argc, argv);
  gst_init(nullptr, nullptr);
  try {
    Camera camera(options);
    const auto next = [](gpointer data) -> gboolean {
      static_cast<Camera*>(data)->next_size();
      return G_SOURCE_CONTINUE;
    };
    g_unix_signal_add(SIGUSR1, next, &camera);
    g_main_loop_run(g_main_loop_new(nullptr, FALSE));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "rtsp-server: %s\n", e.what());
    return 1;
  }
}
