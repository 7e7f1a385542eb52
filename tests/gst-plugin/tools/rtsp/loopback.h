// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gio/gio.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/child.h"

// fkp-rtsp with cameras on loopback, each in its own process.

namespace fkp::test {

/// A camera that is an RTSP server.
class LoopbackCamera {
 public:
  LoopbackCamera(const fs::path& folder, std::string name, std::vector<std::string> options = {})
      : folder_(folder), name_(std::move(name)), options_(std::move(options)) {
    start();
  }

  /// kill(): it loses power; start(): it is back, at the same port.
  void kill() { process_.reset(); }
  void start() {
    std::vector<std::string> command{FKP_RTSP_SERVER, "--port", std::to_string(port_)};
    command.insert(command.end(), options_.begin(), options_.end());
    process_ = std::make_unique<Process>(command, folder_, name_);
    wait_until([&] { return process_->out().find('\n') != std::string::npos; }, name_ + " to listen");
    uri_ = process_->out().substr(0, process_->out().find('\n'));
    port_ = std::stoi(uri_.substr(uri_.rfind(':') + 1));
  }

  void signal(int number) const { process_->signal(number); }
  const std::string& uri() const { return uri_; }
  const std::string& name() const { return name_; }
  /// Its table in the configuration, followed by `more` keys.
  std::string config(const std::string& more = "") const {
    return "[[camera]]\nname = \"" + name_ + "\"\nuri = \"" + uri_ + "\"\n" + more + "\n";
  }

 private:
  fs::path folder_;
  std::string name_, uri_;
  std::vector<std::string> options_;
  int port_ = 0;
  std::unique_ptr<Process> process_;
};

/// fkp-rtsp, which publishes on standard output.
class RtspProgram {
 public:
  RtspProgram(const fs::path& folder, const std::string& config, const std::vector<std::string>& options = {}) {
    write(folder / "cameras.toml", "[retry]\nfirst = 0.2\nlongest = 0.5\n[publish]\nmethod = \"stdout\"\n" + config);
    std::vector<std::string> command{FKP_RTSP, (folder / "cameras.toml").string()};
    command.insert(command.end(), options.begin(), options.end());
    process_ = std::make_unique<Process>(command, folder, "fkp-rtsp");
  }

  std::string out() const { return process_->out(); }
  std::string err() const { return process_->err(); }
  int wait() { return process_->wait(); }
  int end(int signal) {
    process_->signal(signal);
    return wait();
  }

  /// The lines of a camera's frames.
  std::vector<std::string> lines(const std::string& camera) const {
    std::vector<std::string> found;
    const std::string text = out();
    for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
      if (const std::string line = text.substr(at, end - at); line.find("\"stream\":\"" + camera + "\"") != std::string::npos)
        found.push_back(line);
    return found;
  }
  /// Waits until `more` further frames of a camera have come.
  void wait_for_frames(const std::string& camera, std::size_t more) const {
    const std::size_t before = lines(camera).size();
    wait_until([&] { return lines(camera).size() >= before + more; }, "frames of " + camera + "; it says: " + err());
  }
  void wait_for_log(const std::string& text) const {
    wait_until([&] { return err().find(text) != std::string::npos; }, text + "; it says: " + err());
  }

  /// What follows a text in the log, up to a blank or the end of the line.
  std::string logged(const std::string& before) const {
    wait_for_log(before);
    const std::string text = err();
    const std::size_t at = text.find(before) + before.size();
    return text.substr(at, text.find_first_of(" \n", at) - at);
  }

  /// The text of the metrics; needs --metrics.
  std::string metrics() const {
    const std::string url = logged("metrics at http://");
    const std::string host = url.substr(0, url.find('/'));
    GSocketClient* client = g_socket_client_new();
    GSocketConnection* connection = g_socket_client_connect_to_host(client, host.c_str(), 80, nullptr, nullptr);
    g_object_unref(client);
    if (!connection) return "";
    const std::string request = "GET /metrics HTTP/1.0\r\n\r\n";
    GIOStream* stream = G_IO_STREAM(connection);
    g_output_stream_write_all(g_io_stream_get_output_stream(stream), request.data(), request.size(), nullptr, nullptr, nullptr);
    std::string text;
    char part[4096];
    for (gssize n; (n = g_input_stream_read(g_io_stream_get_input_stream(stream), part, sizeof part, nullptr, nullptr)) > 0;)
      text.append(part, static_cast<std::size_t>(n));
    g_object_unref(connection);
    return text;
  }
  double metric(const std::string& name, const std::string& camera) const {
    const std::string text = metrics(), line = "\n" + name + "{camera=\"" + camera + "\"} ";
    const std::size_t at = text.find(line);
    return at == std::string::npos ? -1 : std::stod(text.substr(at + line.size()));
  }

 private:
  std::unique_ptr<Process> process_;
};

}  // namespace fkp::test
