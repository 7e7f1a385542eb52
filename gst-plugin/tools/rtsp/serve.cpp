// SPDX-License-Identifier: LGPL-2.1-or-later
#include "serve.h"

#include <gst/rtsp-server/rtsp-server.h>
#include <spdlog/fmt/fmt.h>

#include <chrono>
#include <stdexcept>

#include "element.h"
#include "pipelines.h"

namespace fkp {
namespace {

constexpr const char* kRole = "viewer";
constexpr guint64 kMostQueued = 2 * GST_SECOND;  // of packets for viewers who do not take them
constexpr guint kCleanup = 1;                    // seconds between two checks for viewers who are gone

using Outlets = std::map<std::string, std::shared_ptr<Outlet>>;
using Shared = std::shared_ptr<const Outlets>;

/// Draws and encodes. Its queue drops the oldest frames, and the frame size may change; x264 needs an even one. With several threads, x264
/// for low latency cuts a picture into slices, and rtph264pay writes the parameters before each of a key frame, which ffmpeg takes for
/// pictures of their own.
std::string pipeline_text(const ServeConfig& config) {
  return fmt::format(
      "( appsrc name=in is-live=true format=time do-timestamp=true max-bytes=0 max-buffers=2 leaky-type=downstream "
      "! videoconvert ! fkpoverlay name=overlay ! videoconvert ! videoscale ! video/x-raw,format=I420,width=[2,32768,2],height=[2,32768,2] "
      "! x264enc tune=zerolatency threads=1 speed-preset=veryfast key-int-max=30 bitrate={} ! rtph264pay name=pay0 config-interval=-1 )",
      config.bitrate);
}

/// What a factory needs to know about its camera.
struct Mount {
  std::shared_ptr<Outlet> outlet;
  PropertyValues overlay;
};

/// The link from a camera's outlet to a GstRTSPMedia, which exists while somebody watches.
struct Way {
  std::shared_ptr<Outlet> outlet;
  GstPtr<GstElement> appsrc;
};

void on_unprepared(GstRTSPMedia*, gpointer data) {
  auto* way = static_cast<Way*>(data);
  way->outlet->detach(way->appsrc.get());
}

/// gst-rtsp-server feeds its UDP viewers and its TCP viewers from one tee, through a queue each: one that waits for a TCP viewer who has
/// stopped reading must drop packets, or nobody gets any more.
void on_element_added(GstBin*, GstBin*, GstElement* element, gpointer) {
  if (GST_OBJECT_NAME(gst_element_get_factory(element)) != std::string("queue")) return;
  g_object_set(element, "max-size-buffers", 0, "max-size-bytes", 0, "max-size-time", kMostQueued, nullptr);
  gst_util_set_object_arg(G_OBJECT(element), "leaky", "downstream");
}

void on_media_configure(GstRTSPMediaFactory*, GstRTSPMedia* media, gpointer data) {
  const auto* mount = static_cast<Mount*>(data);
  const GstPtr<GstElement> bin(gst_rtsp_media_get_element(media));
  const GstPtr<GstObject> pipeline(gst_object_get_parent(GST_OBJECT(bin.get())));
  g_signal_connect(pipeline.get(), "deep-element-added", G_CALLBACK(on_element_added), nullptr);
  const GstPtr<GstElement> overlay(gst_bin_get_by_name(GST_BIN(bin.get()), "overlay"));
  apply(mount->overlay, overlay.get());  // known to be good
  auto* way = new Way{mount->outlet, GstPtr<GstElement>(gst_bin_get_by_name(GST_BIN(bin.get()), "in"))};
  way->outlet->attach(way->appsrc.get());
  g_signal_connect_data(
      media, "unprepared", G_CALLBACK(on_unprepared), way, [](gpointer data, GClosure*) { delete static_cast<Way*>(data); },
      static_cast<GConnectFlags>(0));
}

class Server : public Serve {
 public:
  Server(const ServeConfig& config, const Outlets& outlets)
      : config_(config), outlets_(std::make_shared<const Outlets>(outlets)), server_(gst_rtsp_server_new()) {
    gst_rtsp_server_set_address(server_.get(), config.address.c_str());
    gst_rtsp_server_set_service(server_.get(), std::to_string(config.port).c_str());
    // One viewer who waits must not keep the others waiting.
    const GObjectPtr<GstRTSPThreadPool> threads(gst_rtsp_server_get_thread_pool(server_.get()));
    gst_rtsp_thread_pool_set_max_threads(threads.get(), -1);
    mount();
    if (!config.user.empty()) ask_for_password();
    g_signal_connect(server_.get(), "client-connected", G_CALLBACK(on_client), this);
    GError* failure = nullptr;
    const GObjectPtr<GSocket> socket(gst_rtsp_server_create_socket(server_.get(), nullptr, &failure));
    const GstPtr<GError> error(failure);
    if (!socket) throw std::runtime_error(fmt::format("cannot serve at {}:{}: {}", config.address, config.port, error->message));
    read_address(socket.get());
    source_ = g_socket_create_source(socket.get(), static_cast<GIOCondition>(G_IO_IN | G_IO_ERR | G_IO_HUP | G_IO_NVAL), nullptr);
    g_source_set_callback(source_, reinterpret_cast<GSourceFunc>(reinterpret_cast<void (*)()>(gst_rtsp_server_io_func)),
                          g_object_ref(server_.get()), g_object_unref);
    g_source_attach(source_, nullptr);
    cleanup_ = g_timeout_add_seconds(
        kCleanup,
        [](gpointer server) -> gboolean {
          const GObjectPtr<GstRTSPSessionPool> sessions(gst_rtsp_server_get_session_pool(static_cast<GstRTSPServer*>(server)));
          gst_rtsp_session_pool_cleanup(sessions.get());
          return G_SOURCE_CONTINUE;
        },
        server_.get());
  }
  ~Server() override {
    g_source_remove(cleanup_);
    g_source_destroy(source_);
    g_source_unref(source_);
    gst_rtsp_server_client_filter(
        server_.get(), [](GstRTSPServer*, GstRTSPClient*, gpointer) { return GST_RTSP_FILTER_REMOVE; }, nullptr);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::string address() const override { return address_; }

 private:
  void mount() {
    const GObjectPtr<GstRTSPMountPoints> mounts(gst_rtsp_server_get_mount_points(server_.get()));
    for (const auto& [name, outlet] : *outlets_) {
      GstRTSPMediaFactory* factory = gst_rtsp_media_factory_new();
      gst_rtsp_media_factory_set_launch(factory, pipeline_text(config_).c_str());
      gst_rtsp_media_factory_set_shared(factory, TRUE);
      if (!config_.user.empty())
        gst_rtsp_media_factory_add_role(factory, kRole, GST_RTSP_PERM_MEDIA_FACTORY_ACCESS, G_TYPE_BOOLEAN, TRUE,
                                        GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, G_TYPE_BOOLEAN, TRUE, nullptr);
      g_signal_connect_data(
          factory, "media-configure", G_CALLBACK(on_media_configure), new Mount{outlet, config_.overlay},
          [](gpointer mount, GClosure*) { delete static_cast<Mount*>(mount); }, static_cast<GConnectFlags>(0));
      gst_rtsp_mount_points_add_factory(mounts.get(), ("/" + name).c_str(), factory);
    }
  }

  void ask_for_password() {
    const GObjectPtr<GstRTSPAuth> auth(gst_rtsp_auth_new());
    GstRTSPToken* token = gst_rtsp_token_new(GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE, G_TYPE_STRING, kRole, nullptr);
    gst_rtsp_auth_set_supported_methods(auth.get(), GST_RTSP_AUTH_DIGEST);
    gst_rtsp_auth_add_digest(auth.get(), config_.user.c_str(), config_.password.c_str(), token);
    gst_rtsp_token_unref(token);
    gst_rtsp_server_set_auth(server_.get(), auth.get());
  }

  // The port may have been left to the system.
  void read_address(GSocket* socket) {
    const GObjectPtr<GSocketAddress> local(g_socket_get_local_address(socket, nullptr));
    const int port = local ? g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(local.get())) : config_.port;
    const bool is_ipv6 = config_.address.find(':') != std::string::npos;
    address_ = fmt::format(is_ipv6 ? "rtsp://[{}]:{}/" : "rtsp://{}:{}/", config_.address, port);
  }

  // A client has its own thread, and may outlive this object for a moment.
  static void on_client(GstRTSPServer*, GstRTSPClient* client, gpointer data) {
    const auto* self = static_cast<Server*>(data);
    g_signal_connect_data(
        client, "pre-describe-request", G_CALLBACK(on_describe), new Shared(self->outlets_),
        [](gpointer outlets, GClosure*) { delete static_cast<Shared*>(outlets); }, static_cast<GConnectFlags>(0));
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(self->config_.timeout).count();
    g_signal_connect(client, "new-session", G_CALLBACK(on_session), GUINT_TO_POINTER(static_cast<guint>(seconds)));
  }

  static void on_session(GstRTSPClient*, GstRTSPSession* session, gpointer seconds) {
    gst_rtsp_session_set_timeout(session, GPOINTER_TO_UINT(seconds));
  }

  // Without frames there is nothing to describe: better to say so at once than to let the viewer wait.
  static GstRTSPStatusCode on_describe(GstRTSPClient*, GstRTSPContext* context, gpointer data) {
    const Outlets& outlets = **static_cast<Shared*>(data);
    const std::string path = context->uri && context->uri->abspath ? context->uri->abspath : "/";
    const auto found = outlets.find(path.substr(1));
    return found != outlets.end() && !found->second->playing ? GST_RTSP_STS_SERVICE_UNAVAILABLE : GST_RTSP_STS_OK;
  }

  const ServeConfig config_;
  Shared outlets_;
  GObjectPtr<GstRTSPServer> server_;
  GSource* source_ = nullptr;
  guint cleanup_ = 0;
  std::string address_;
};

}  // namespace

std::unique_ptr<Serve> make_serve(const ServeConfig& config, const std::map<std::string, std::shared_ptr<Outlet>>& outlets) {
  return std::make_unique<Server>(config, outlets);
}

}  // namespace fkp
