// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>

#include <functional>
#include <memory>
#include <string>

namespace fkp::test {

/// How a pipeline ended.
struct Ending {
  bool eos = false;
  GQuark domain = 0;
  int code = 0;
  std::string message;
};

/// A pipeline of gst-launch-1.0's notation.
class Pipeline {
 public:
  /// Throws std::runtime_error for a text that cannot be parsed.
  explicit Pipeline(const std::string& text);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// Calls `seen` for every buffer that leaves the named element's pad.
  void on_buffer(const std::string& element, const std::string& pad, std::function<void(GstBuffer*)> seen);

  /// Plays until end of stream or an error; half a minute at most, then the message is "timeout".
  Ending run();

  GstElement* get() const { return pipeline_.get(); }

 private:
  std::unique_ptr<GstElement, decltype(&gst_object_unref)> pipeline_;
};

}  // namespace fkp::test
